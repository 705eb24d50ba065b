/** An argument of a tool. */
export interface ToolWord {
  readonly text: string;
  /**
   * Set for a pattern as of a shell, with `**` for folders of any depth: the names that match it take its place. What becomes
   * of one that nothing matches: it stays as it is (`keep`), as in a shell. `listed` gives the names to the tool's standard input, a zero
   * byte after each, and no word: the kernel bounds the words of a program, and so one person with many files could fail everybody's.
   */
  readonly pattern?: "keep" | "listed";
}

/**
 * A program of the system, such as sftp-server, which works on a person's files within the walls that their own programs
 * have. It starts in the jail's directory. No clock ends it: whoever starts it sees to that.
 */
export interface ToolCommand {
  /** Path of the program, on the host and in the jail. */
  readonly program: string;
  /** The arguments, the name that it is called by first. */
  readonly words: readonly ToolWord[];
}

/** An argument of a tool. */
export interface ToolWord {
  readonly text: string;
  /** Whether the names that match `text`, a pattern as of a shell, take its place, if there are any. */
  readonly pattern?: boolean;
}

/**
 * A program of the system, such as sftp-server, which works on a person's files within the walls that their own programs
 * have. It starts in the person's home. No clock ends it: whoever starts it sees to that.
 */
export interface ToolCommand {
  /** Path of the program, on the host and in the jail. */
  readonly program: string;
  /** The arguments, the name that it is called by first. */
  readonly words: readonly ToolWord[];
}

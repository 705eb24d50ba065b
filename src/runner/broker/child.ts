/** A started launcher with its standard streams: on a terminal (pseudo-terminal.ts) or on pipes (pipes.ts). */
export interface Child {
  /** The launcher, which becomes bwrap's monitor. */
  readonly pid: number;
  /** Which file the child's standard input is, to recognise a process that waits for it. */
  readonly input: InputIdentity;
  /** Takes bytes for the child's standard input; `taken` tells when the child's side has them. */
  write(data: Buffer): void;
  endInput(): void;
  /** Whether input waits because the child does not read. */
  readonly congested: boolean;
  /** Forgets input that the child has not taken; returns the number of bytes. */
  dropInput(): number;
  pause(): void;
  resume(): void;
  resize(columns: number, rows: number): void;
  /** Ends the jail and all in it, at any stage of its life. */
  kill(): void;
}

export interface ChildEvents {
  output(stream: "output" | "errorOutput", data: Buffer): void;
  inputTaken(bytes: number): void;
  /** Everything printed has been given to `output`. Status is 128 + N after signal N. */
  exit(status: number): void;
}

/** A terminal is known by its device, a pipe or socket by its inode. */
export interface InputIdentity {
  readonly device: number;
  readonly inode: number;
  readonly terminalDevice: number;
}

export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

import type { OutputStream } from "../protocol.ts";

/** A started launcher with its standard streams: on a terminal (pseudo-terminal.ts) or on pipes (pipes.ts). */
export interface Child {
  /** Process id of the launcher, which becomes bwrap's monitor. */
  readonly pid: number;
  /** Identity of the child's standard input, to recognise a process that waits for it. */
  readonly input: InputIdentity;
  /** False once it has ended; output may still be on its way. */
  readonly alive: boolean;
  /** Queues bytes for the child's standard input; `inputTaken` reports when the child has them. */
  write(data: Buffer): void;
  endInput(): void;
  /** Whether input waits because the child does not read. */
  readonly congested: boolean;
  /** Discards input that the child has not taken; returns the number of bytes. */
  dropInput(): number;
  pause(): void;
  resume(): void;
  /** Closes an output that nobody reads any more: a program on pipes that writes there gets EPIPE. */
  closeOutput(stream: OutputStream): void;
  resize(columns: number, rows: number): void;
  /** Ends the jail and everything in it, at any stage of its life. */
  kill(): void;
}

/** What a child reports. */
export interface ChildEvents {
  output(stream: OutputStream, data: Buffer): void;
  inputTaken(bytes: number): void;
  /** Called after all output. `status` is 128 + N after signal N. */
  exit(status: number): void;
}

/** What identifies an input: a terminal by its device, a pipe or socket by its inode. */
export interface InputIdentity {
  readonly device: number;
  readonly inode: number;
  readonly terminalDevice: number;
}

/** A program to start. */
export interface ChildCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** A terminal of 80x24 on a server. */
import type ssh2 from "ssh2";
import type { Target } from "../servers/target.ts";
import { connect } from "./connection.ts";

export interface Received {
  readonly data: Buffer;
  /** When it came in, on this process's performance clock, milliseconds. */
  readonly at: number;
}

export interface ShellOptions {
  readonly command?: string;
  /** Told when the login is done and the shell is asked for, on the performance clock. */
  readonly loggedIn?: (at: number) => void;
}

const terminal = { term: "xterm-256color", cols: 80, rows: 24 };

/** An open shell. It ends when its process does, or when it is disposed. */
export class Shell implements Disposable {
  readonly #connection: ssh2.Client;
  readonly #channel: ssh2.ClientChannel;
  #failure: Error | undefined;
  /** Resolved when the server has closed the shell. */
  readonly closed: Promise<void>;

  constructor(connection: ssh2.Client, channel: ssh2.ClientChannel, receive: (received: Received) => void) {
    this.#connection = connection;
    this.#channel = channel;
    channel.on("data", (data: Buffer) => receive({ data, at: performance.now() }));
    this.closed = new Promise((resolve) => {
      channel.on("close", () => {
        this.#failure ??= new Error("the server closed the shell");
        resolve();
      });
    });
    connection.on("error", (error) => (this.#failure = error));
  }

  /** Throws when the shell has ended by itself. */
  write(text: string): void {
    if (this.#failure) throw this.#failure;
    this.#channel.write(text);
  }

  [Symbol.dispose](): void {
    this.#failure ??= new Error("the shell was left");
    this.#connection.end();
  }
}

/**
 * Connects, logs in and asks for a shell, or for a command on a terminal, whose output goes to `receive` from its first byte on. Rejects
 * when any of it fails. `loggedIn` is called in between.
 */
export async function openShell(
  target: Target,
  receive: (received: Received) => void,
  { command, loggedIn }: ShellOptions = {},
): Promise<Shell> {
  const connection = await connect(target);
  loggedIn?.(performance.now());
  return await new Promise((resolve, reject) => {
    connection.once("close", () => reject(new Error(`the connection of ${target.username} was closed`)));
    const opened = (error: Error | undefined, channel: ssh2.ClientChannel): void => {
      if (error) reject(new Error(`${target.username} got no shell: ${error.message}`, { cause: error }));
      else resolve(new Shell(connection, channel, receive));
    };
    if (command === undefined) connection.shell(terminal, opened);
    else connection.exec(command, { pty: terminal }, opened);
  });
}

/** A terminal of 80x24 on a server, over a real connection of the ssh2 library. */
import { createConnection, type Socket } from "node:net";
import ssh2 from "ssh2";
import type { Target } from "../servers/target.ts";

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
    connection.on("error", (error) => (this.#failure ??= error));
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
  const { port, username, login } = target;
  // ssh2 leaves Nagle's algorithm on; every interactive client turns it off.
  const socket: Socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
  const connection = new ssh2.Client();
  return await new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      connection.destroy();
      reject(new Error(`${username} could not log in: ${error.message}`, { cause: error }));
    };
    connection.once("error", fail);
    connection.once("close", () => fail(new Error("the connection was closed")));
    socket.once("error", fail);
    connection.once("ready", () => {
      loggedIn?.(performance.now());
      const opened = (error: Error | undefined, channel: ssh2.ClientChannel): void => {
        if (error) return fail(error);
        connection.off("error", fail);
        socket.off("error", fail);
        resolve(new Shell(connection, channel, receive));
      };
      if (command === undefined) connection.shell(terminal, opened);
      else connection.exec(command, { pty: terminal }, opened);
    });
    const secret = login.kind === "key" ? { privateKey: login.privateKey } : { password: login.password };
    connection.connect({ sock: socket, username, ...secret, readyTimeout: 60_000 });
  });
}

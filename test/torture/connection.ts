/** One login of a simulated person: a real SSH connection by key, a shell of 80x24, and what its screen shows. */
import { createConnection } from "node:net";
import ssh2 from "ssh2";
import { Emulator, type Condition } from "../support/emulator.ts";
import { keyBytes } from "../support/keys.ts";

export interface Destination {
  readonly port: number;
  readonly username: string;
  readonly privateKey: string;
}

/** Longer than any part of the server may be silent: a lease, and a worker that is being replaced. */
const loginMs = 30_000;

const alternateScreen = "\x1b[?1049h";

export class Connection implements Disposable {
  readonly #client: ssh2.Client;
  readonly #emulator = new Emulator(80, 24);
  #channel: ssh2.ClientChannel | undefined;
  #over = false;
  #screens = 0;
  /** The end of what came in: a sequence may come in two pieces. */
  #tail = "";
  /** Resolves when the server has ended it, or the line is broken. */
  readonly ended: Promise<void>;

  private constructor(client: ssh2.Client) {
    this.#client = client;
    this.ended = new Promise((resolve) => {
      client.once("close", () => {
        this.#end("the connection ended");
        resolve();
      });
    });
  }

  /** Rejects when there is no shell in time. */
  static async open({ port, username, privateKey }: Destination): Promise<Connection> {
    const client = new ssh2.Client();
    const connection = new Connection(client);
    try {
      await connection.#login(() =>
        client.connect({
          sock: createConnection({ host: "127.0.0.1", port, noDelay: true }),
          username,
          privateKey,
          readyTimeout: loginMs,
        }),
      );
      return connection;
    } catch (error) {
      connection[Symbol.dispose]();
      throw error;
    }
  }

  get over(): boolean {
    return this.#over;
  }

  /** How many screens were opened on it: the last one may be another session's than the one before. */
  get screens(): number {
    return this.#screens;
  }

  screen(): readonly string[] {
    return this.#emulator.screen();
  }

  /** Resolves when the screen shows it; rejects when the time, or the connection, is over. */
  wait(condition: Condition, ms: number): Promise<void> {
    return this.#emulator.wait(condition, this.#over ? 1 : Math.max(1, ms));
  }

  type(text: string): void {
    if (!this.#over) this.#channel?.write(text);
  }

  press(...keys: string[]): void {
    this.type(keys.map(keyBytes).join(""));
  }

  /** Breaks the line without a word, as a closed lid does. */
  [Symbol.dispose](): void {
    this.#client.destroy();
    this.#end("the line was cut");
    this.#emulator[Symbol.dispose]();
  }

  #login(connect: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("no shell in time")), loginMs);
      const fail = (error: Error): void => {
        clearTimeout(timer);
        reject(error);
      };
      // Errors of a connection that is open are followed by its end.
      this.#client.on("error", fail);
      this.#client.once("close", () => fail(new Error("the connection was closed")));
      this.#client.once("ready", () => {
        this.#client.shell({ term: "xterm-256color", cols: 80, rows: 24 }, (error, channel) => {
          if (error) return fail(error);
          clearTimeout(timer);
          this.#channel = channel;
          channel.on("data", (data: Buffer) => {
            if (!this.#over) this.#take(data);
          });
          channel.on("close", () => this.#client.end());
          resolve();
        });
      });
      connect();
    });
  }

  #take(data: Buffer): void {
    const text = this.#tail + data.toString("latin1");
    this.#screens += text.split(alternateScreen).length - 1;
    this.#tail = text.slice(1 - alternateScreen.length);
    this.#emulator.write(data);
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#emulator.fail(reason);
  }
}

/** Runs one command line without a terminal and gives what it prints. Rejects for any other status than 0. */
export function runCommand({ port, username, privateKey }: Destination, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    const timer = setTimeout(() => client.destroy(), loginMs);
    const output: Buffer[] = [];
    let status: number | undefined;
    client.on("error", reject);
    client.once("close", () => {
      clearTimeout(timer);
      if (status === 0) resolve(Buffer.concat(output).toString());
      else reject(new Error(`${command} ended with ${status}`));
    });
    client.once("ready", () => {
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        channel.on("data", (data: Buffer) => output.push(data));
        channel.stderr.resume();
        channel.on("exit", (code: number) => (status = code));
        channel.on("close", () => client.end());
      });
    });
    client.connect({ host: "127.0.0.1", port, username, privateKey, readyTimeout: loginMs });
  });
}

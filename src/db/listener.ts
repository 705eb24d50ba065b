/**
 * Theory of operation: a connection outside the pool that LISTENs on a channel and also runs short statements which
 * must not queue behind others (the heartbeat of a lease). pg's Client does not reconnect: when the connection breaks,
 * or a statement gets no answer in time (a network that fell silent), the client is discarded and a new one made, with
 * growing pauses, until it is closed. Notifications in between are lost; `onConnected` tells owners to read again what
 * they may have missed.
 */
import { Socket } from "node:net";
import { Client, type QueryResultRow } from "pg";
import type { Clock } from "../base/clock.ts";
import { Emitter, type Event } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { translate, unavailable } from "./database-failures.ts";
import type { Queryable } from "./queryable.ts";
import { valueTypes } from "./value-types.ts";

/** What to listen on, and how patiently. */
export interface ListenerOptions {
  readonly url: string;
  /** Name of a channel: lower-case letters, digits and underscores, at most 63. */
  readonly channel: string;
  /** Seconds that connecting, and each statement, may take before the server counts as lost. */
  readonly timeoutSeconds: number;
  readonly clock: Clock;
  readonly log: Log;
}

interface Connection {
  readonly client: Client;
  readonly socket: Socket;
}

const firstPauseMs = 25;
const maxPauseMs = 1000;

/** A connection that listens on one channel, and reconnects. */
export class Listener implements Queryable, AsyncDisposable {
  readonly #options: ListenerOptions;
  readonly #connected = new Emitter<void>();
  readonly #notified = new Emitter<string>();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #current: Connection | undefined;

  /** Starts connecting; `onConnected` fires when it is done. */
  constructor(options: ListenerOptions) {
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(options.channel)) throw new Error(`not a channel's name: ${options.channel}`);
    this.#options = options;
    this.#running = this.#run();
  }

  /** Fires when it listens, for the first time or again: earlier notifications may have been missed. */
  get onConnected(): Event<void> {
    return this.#connected.on;
  }

  /** Fires with the payload of each notification. */
  get onNotification(): Event<string> {
    return this.#notified.on;
  }

  get connected(): boolean {
    return this.#current !== undefined;
  }

  /** One statement on this connection. Throws `database-unavailable` at once when there is no connection. */
  async query<T extends object>(text: string, values: readonly unknown[] = []): Promise<T[]> {
    const connection = this.#current;
    if (!connection) throw unavailable(new Error("not connected"));
    try {
      const result = await connection.client.query<T & QueryResultRow>(text, [...values]);
      return result.rows;
    } catch (error) {
      const told = translate(error);
      // After a statement without an answer, the next answer on the connection may belong to it.
      if (told !== error) this.#drop(connection, error);
      throw told;
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#current) this.#drop(this.#current, undefined);
    await this.#running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    const closed = this.#closing.signal;
    for (let pause = firstPauseMs; !closed.aborted; pause = Math.min(pause * 2, maxPauseMs)) {
      const connection = this.#createConnection();
      const { client } = connection;
      const ended = new Promise<void>((resolve) => void client.once("end", resolve));
      try {
        await client.connect();
        // The name by which others see whether this connection lives. Not an option of the client: a name in the URL
        // would win.
        await client.query(`SET application_name = ${this.#options.channel}; LISTEN ${this.#options.channel}`);
        if (closed.aborted) break;
        pause = firstPauseMs;
        this.#current = connection;
        this.#tell(() => this.#connected.emit());
        await ended;
      } catch (error) {
        this.#options.log.debug("the listening connection failed", { error });
      } finally {
        this.#drop(connection, undefined);
      }
      if (!closed.aborted) await this.#rest(pause);
    }
  }

  #createConnection(): Connection {
    const { url, timeoutSeconds, log } = this.#options;
    const socket = new Socket();
    const ms = Math.round(timeoutSeconds * 1000);
    const client = new Client({
      connectionString: url,
      stream: () => socket,
      connectionTimeoutMillis: ms,
      query_timeout: ms,
      statement_timeout: ms,
      keepAlive: true,
      types: valueTypes(),
    });
    // Without a listener a broken connection would end the process.
    client.on("error", (error) => log.debug("the listening connection broke", { error }));
    client.on("notification", ({ payload }) => this.#tell(() => this.#notified.emit(payload ?? "")));
    return { client, socket };
  }

  /** Calls listeners. One that throws has a bug; the connection must live on. */
  #tell(emit: () => void): void {
    try {
      emit();
    } catch (error) {
      this.#options.log.error("unexpected error", { error });
    }
  }

  #drop(connection: Connection, error: unknown): void {
    const { client, socket } = connection;
    if (this.#current === connection) this.#current = undefined;
    if (error !== undefined) this.#options.log.debug("the listening connection is given up", { error });
    client.end().catch((cause: unknown) => this.#options.log.debug("the listening connection broke", { error: cause }));
    // pg waits for the server to hang up after the goodbye; over a silent network that never happens.
    socket.destroySoon();
  }

  async #rest(ms: number): Promise<void> {
    const closed = this.#closing.signal;
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        timer[Symbol.dispose]();
        closed.removeEventListener("abort", wake);
        resolve();
      };
      const timer = this.#options.clock.after(ms, wake);
      closed.addEventListener("abort", wake);
    });
  }
}

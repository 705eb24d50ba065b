/** A network between a client and PostgreSQL that can be slow, cut, or silent: a Unix socket that passes bytes on. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const socketName = ".s.PGSQL.5432";

export class DatabaseProxy implements AsyncDisposable {
  /** The database's URL through this proxy. */
  readonly url: string;
  readonly #target: string;
  readonly #directory: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #mode: "open" | "cut" | "silent" = "open";
  #delayMs = 0;
  /** Of statements with values: which do not pass, nor anything that their connections send afterwards. */
  holdBack: (statement: string) => boolean = () => false;

  private constructor(url: string, directory: string) {
    // Without a host before the path it is no URL for the URL class.
    const [, host = ""] = /\?host=([^&]+)$/.exec(url) ?? [];
    this.#target = join(decodeURIComponent(host), socketName);
    this.url = url.replace(/\?host=.*$/, `?host=${encodeURIComponent(directory)}`);
    this.#directory = directory;
    this.#server = createServer({ allowHalfOpen: false }, (socket) => this.#accept(socket));
  }

  /** For a URL of the form postgresql://USER@HOST/NAME?host=/DIRECTORY. */
  static async start(url: string): Promise<DatabaseProxy> {
    const proxy = new DatabaseProxy(url, await mkdtemp(join(tmpdir(), "classh-proxy-")));
    proxy.#server.listen(join(proxy.#directory, socketName));
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** Every byte arrives this much later. */
  set delayMs(ms: number) {
    this.#delayMs = ms;
  }

  /** Breaks all connections and refuses new ones. */
  cut(): void {
    this.#mode = "cut";
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Passes nothing on any more, and lets nobody know: a cable that was pulled. */
  silence(): void {
    this.#mode = "silent";
  }

  /** As in the beginning. What fell silent stays so; new connections work. */
  restore(): void {
    this.#mode = "open";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
    await rm(this.#directory, { recursive: true, force: true });
  }

  #accept(client: Socket): void {
    if (this.#mode === "cut") {
      client.destroy();
      return;
    }
    const server = connect(this.#target);
    this.#join(client, server, (chunk) => statementsIn(chunk).some((statement) => this.holdBack(statement)));
    this.#join(server, client);
  }

  #join(from: Socket, to: Socket, isHeldBack: (chunk: Buffer) => boolean = () => false): void {
    let lost = this.#mode === "silent";
    let order = Promise.resolve();
    const pass = async (chunk: Buffer): Promise<void> => {
      if (this.#delayMs > 0) await delay(this.#delayMs);
      if (!lost) to.write(chunk);
    };
    this.#sockets.add(from);
    from.on("data", (chunk: Buffer) => {
      lost ||= this.#mode === "silent" || isHeldBack(chunk);
      // Once silent, a connection stays so, as when a router forgets it.
      if (!lost) order = order.then(() => pass(chunk));
    });
    from.on("error", () => from.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      if (this.#mode !== "silent") to.destroy();
    });
  }
}

/**
 * The statements with values in a chunk that a client of the library pg has sent, which writes a statement's messages at once. (PostgreSQL's
 * documentation, "Message Formats": a type, four bytes of length; Parse is "P", with a name and the statement.)
 */
function statementsIn(chunk: Buffer): readonly string[] {
  const statements: string[] = [];
  // The first message of a connection has no type; nothing follows it at once.
  for (let at = 0; chunk.length - at > 5 && chunk[at] !== 0; at += 1 + chunk.readInt32BE(at + 1)) {
    if (chunk[at] === 0x50) statements.push(chunk.toString("utf8", at + 5).split("\0")[1] ?? "");
  }
  return statements;
}

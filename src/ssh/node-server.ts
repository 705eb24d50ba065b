/**
 * How the processes and machines of one class reach each other: SSH with the cluster's own key, on a socket of its own.
 * No person's login leads here and no person's key opens it; the cluster's key in turn opens nothing else. A caller
 * opens a subsystem and gets a stream of bytes, which cluster/ uses.
 */
import { chmod, unlink } from "node:fs/promises";
import { createServer, type Server as TcpServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2 from "ssh2";
import type { AuthContext, Connection as Ssh2Connection } from "ssh2";
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { systemCode } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { algorithms } from "./algorithms.ts";
import { useOwnChacha } from "./chacha/install.ts";
import { verifySignature } from "./user-keys.ts";

/** The user name that nodes log in with. */
export const nodeUser = "classh-node";

/** What the server works with. */
export interface NodeServerOptions {
  /** Private key of the cluster, in OpenSSH's format. */
  readonly key: string;
  /** Called with a stream that a node opened, and its subsystem; the receiver must end it. */
  readonly onStream: (subsystem: string, stream: Duplex) => void;
  readonly log: Log;
  readonly clock: Clock;
}

/** A path, or an address of this machine; port 0 takes a free one. */
export type NodeListen = { readonly path: string } | { readonly host: string; readonly port: number };

/** Time in which a node must log in. */
const loginGraceMs = 10_000;
/** Connections at once: each carries one relayed terminal or one request. */
const maxConnections = 4096;
/** Bytes that may wait on one stream for its reader. */
const maxUnreadBytes = 256 << 10;

/** A server for other nodes. */
export class NodeServer implements AsyncDisposable {
  readonly #options: NodeServerOptions;
  readonly #blob: Buffer;
  readonly #ssh: ssh2.Server;
  readonly #servers: TcpServer[] = [];
  readonly #sockets = new Set<Socket>();

  constructor(options: NodeServerOptions) {
    this.#options = options;
    this.#blob = publicBlob(options.key);
    this.#ssh = new ssh2.Server({ hostKeys: [options.key], ident: "classh-node", algorithms });
    this.#ssh.on("connection", (client) => this.#serve(client));
  }

  /**
   * Listens at one more address; resolves with the port (0 for a path). A socket file in the way was left by a process
   * that died.
   */
  async listen(where: NodeListen): Promise<number> {
    if ("path" in where) await removeSocket(where.path);
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    server.maxConnections = maxConnections;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(where, resolve);
    });
    server.on("error", (error) => this.#options.log.error("listening for nodes failed", { error }));
    this.#servers.push(server);
    if ("path" in where) await chmod(where.path, 0o600);
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Closes everything at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#servers.map((server) => new Promise<void>((resolve) => void server.close(() => resolve())));
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(closed);
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", (error) => this.#options.log.debug("node connection broke", { error }));
    socket.once("close", () => this.#sockets.delete(socket));
    const grace = this.#options.clock.after(loginGraceMs, () => socket.destroy());
    socket.once("close", () => grace[Symbol.dispose]());
    socket.once("node ready", () => grace[Symbol.dispose]());
    this.#ssh.injectSocket(socket);
  }

  #serve(client: Ssh2Connection): void {
    const { log } = this.#options;
    client.on("error", (error) => log.debug("node connection failed", { error }));
    useOwnChacha(client);
    client.on("authentication", (context) => {
      if (this.#isNode(context)) context.accept();
      else context.reject(["publickey"]);
    });
    client.once("ready", () => {
      (client as unknown as { _sock: Socket })._sock.emit("node ready");
      client.on("session", (accept) => {
        const session = accept();
        session.on("subsystem", (acceptStream, _reject, { name }) => {
          const stream: Duplex & { close?: () => void } = acceptStream();
          (stream as unknown as { _readableState: { highWaterMark: number } })._readableState.highWaterMark =
            maxUnreadBytes;
          stream.on("error", (error) => log.debug("node stream broke", { error }));
          // One stream for each connection: the end of one ends the other.
          stream.once("close", () => client.end());
          try {
            this.#options.onStream(name, stream);
          } catch (error) {
            logBug(error, log);
            client.end();
          }
        });
      });
    });
  }

  /** Whether the key is the cluster's. The unsigned question, too, is answered with yes for it; that logs nobody in. */
  #isNode(context: AuthContext): boolean {
    if (context.method !== "publickey" || context.username !== nodeUser) return false;
    const { algo: type, data: blob } = context.key;
    if (!blob.equals(this.#blob)) return false;
    const { blob: message, signature } = context;
    if (!signature || !message) return true;
    return verifySignature({ type, blob, hash: context.hashAlgo, message, signature });
  }
}

/** The public half of a private key, in wire format. */
export function publicBlob(key: string): Buffer {
  const parsed = ssh2.utils.parseKey(key);
  if (parsed instanceof Error) throw parsed;
  return parsed.getPublicSSH();
}

async function removeSocket(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

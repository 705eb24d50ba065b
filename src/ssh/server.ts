/**
 * The ssh edge: accepts connections, and hands logged-in people's shells and commands to its handlers. It knows no IDE.
 *
 * Theory of operation: our own TCP server accepts, so that a client counts and its login grace time runs before it has sent a
 * byte; ssh2 gets the socket once the client has introduced itself. A Connection owns the socket; its packets pass the guard,
 * its login is Authentication's, and each of its session channels is a SessionChannel.
 */
import { createServer, isIP, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import ssh2 from "ssh2";
import type { Clock } from "../base/clock.ts";
import { report, systemCode, UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { Settings } from "../config/schema.ts";
import { algorithms } from "./algorithms.ts";
import { Connection, type ConnectionContext } from "./connection.ts";
import type { SshHandlers } from "./handlers.ts";
import { loadHostKey, type HostKey } from "./host-keys.ts";
import { plainAddress, trustedAddresses } from "./proxy-protocol.ts";
import { disconnectReason, socketOf } from "./ssh2-internals.ts";
import { refuseStartup } from "./startups.ts";

export interface SshServerOptions<P> {
  /** HOST:PORT; port 0 takes a free one. */
  readonly listen: string;
  readonly hostKeyFile: string;
  readonly settings: Settings["ssh"];
  readonly handlers: SshHandlers<P>;
  readonly log: Log;
  readonly clock: Clock;
}

export interface ConnectionCounts {
  readonly authenticated: number;
  /** Connected, but not logged in. */
  readonly waiting: number;
}

/** Tells nothing about versions: what we run on is nobody's business before login. */
const software = "classh";
/** Connections of one account; a shared account of a whole class fits, somebody who collects sockets does not. */
const mostConnectionsOfOneName = 300;

export class SshServer<P> implements AsyncDisposable {
  /** What clients show at their first login: "SHA256:..." */
  readonly fingerprint: string;
  readonly #options: SshServerOptions<P>;
  readonly #scope = new Scope("ssh");
  readonly #connections = new Map<Socket, Connection<P>>();
  readonly #tcp: TcpServer;
  readonly #ssh: ssh2.Server;
  readonly #isTrusted: (address: string) => boolean;
  #accepting = true;

  /** Starts to listen. Throws a UserError for a port in use, a bad address, or a host key that can't be used. */
  static async start<P>(options: SshServerOptions<P>): Promise<SshServer<P>> {
    const isTrusted = trustedAddresses(options.settings.trustedProxies);
    const hostKey = await loadHostKey(options.hostKeyFile);
    const server = new SshServer(options, hostKey, isTrusted);
    try {
      await server.#listen();
    } catch (error) {
      await server.#scope.close();
      throw error;
    }
    return server;
  }

  private constructor(options: SshServerOptions<P>, hostKey: HostKey, isTrusted: (address: string) => boolean) {
    this.#options = options;
    this.#isTrusted = isTrusted;
    this.fingerprint = hostKey.fingerprint;
    this.#ssh = new ssh2.Server({
      hostKeys: [hostKey.privateKey],
      ident: software,
      algorithms,
      banner: options.settings.banner,
      keepaliveInterval: options.settings.keepaliveSeconds * 1000,
      keepaliveCountMax: options.settings.keepaliveCount,
    });
    this.#ssh.on("connection", (client) => {
      const connection = this.#connections.get(socketOf(client) as Socket);
      if (connection) connection.attach(client);
      else client.on("error", () => client.end());
    });
    // ssh2 leaves Nagle's algorithm on: a handshake then takes 88 ms, and 6 ms without it.
    this.#tcp = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#tcp.on("error", (error) => options.log.error("listening failed", { error }));
    this.#scope.defer(() => this.#closeTcp());
  }

  /** Where it listens; the port is the real one when 0 was asked for. */
  get address(): { readonly host: string; readonly port: number } {
    const { address, port } = this.#tcp.address() as AddressInfo;
    return { host: address, port };
  }

  get connections(): ConnectionCounts {
    let authenticated = 0;
    for (const connection of this.#connections.values()) if (connection.identity) authenticated += 1;
    return { authenticated, waiting: this.#connections.size - authenticated };
  }

  /** From now on newcomers are told that the server is going down; who is there may stay. */
  stopAccepting(): void {
    this.#accepting = false;
  }

  /** Says goodbye to everybody and closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#accepting = false;
    // All at once, before the scope closes them one after the other: each may take a second to read the goodbye.
    const connections = [...this.#connections.values()];
    for (const connection of connections) connection.disconnect(disconnectReason.byApplication, "classh is shutting down. Your work is saved.");
    await Promise.all(connections.map((connection) => connection.closed));
    await this.#scope.close();
  }

  #listen(): Promise<void> {
    const { host, port } = parseListen(this.#options.listen);
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void => reject(listenError(error, this.#options.listen));
      this.#tcp.once("error", failed);
      this.#tcp.listen({ host, port, backlog: 511 }, () => {
        this.#tcp.off("error", failed);
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    const refusal = this.#refusal();
    if (refusal) return refuse(socket, refusal, this.#options.clock);
    const scope = this.#scope.child("connection");
    const connection = new Connection(socket, scope, this.#contextFor(socket));
    this.#connections.set(socket, connection);
    scope.defer(() => void this.#connections.delete(socket));
    connection.start().catch((error: unknown) => {
      report(error, this.#options.log);
      connection.destroy();
    });
  }

  #refusal(): string | undefined {
    if (!this.#accepting) return "classh is restarting. Try again in a minute.";
    const { waiting } = this.connections;
    return refuseStartup(this.#options.settings.maxStartups, waiting, Math.random()) ? "Too many people are logging in. Try again in a moment." : undefined;
  }

  #contextFor(socket: Socket): ConnectionContext<P> {
    const { handlers, settings, log, clock } = this.#options;
    return {
      handlers,
      settings,
      log,
      clock,
      ident: `SSH-2.0-${software}\r\n`,
      expectsProxy: this.#isTrusted(plainAddress(socket.remoteAddress)),
      inject: (injected) => this.#ssh.injectSocket(injected),
      admit: (username) => this.#countOf(username) < mostConnectionsOfOneName,
    };
  }

  #countOf(username: string): number {
    let count = 0;
    for (const { identity } of this.#connections.values()) if (identity?.username === username) count += 1;
    return count;
  }

  #closeTcp(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#tcp.listening) this.#tcp.close(() => resolve());
      else resolve();
    });
  }
}

/** As sshd does it: a line before the protocol begins; OpenSSH shows it with -v. */
function refuse(socket: Socket, text: string, clock: Clock): void {
  socket.on("error", () => socket.destroy());
  socket.resume();
  socket.end(`${text}\r\n`);
  const timer = clock.after(1000, () => socket.destroy());
  socket.once("close", () => timer[Symbol.dispose]());
}

function parseListen(listen: string): { host: string; port: number } {
  const at = listen.lastIndexOf(":");
  const host = listen.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  const port = Number(listen.slice(at + 1));
  if (at < 1 || !Number.isInteger(port) || port > 65_535 || (host.includes(":") && isIP(host) !== 6)) {
    throw new UserError("bad-setting", `can't listen on ${listen}`, "Write HOST:PORT, for example 127.0.0.1:2222.");
  }
  return { host, port };
}

function listenError(error: Error, listen: string): UserError {
  const options = { cause: error };
  switch (systemCode(error)) {
    case "EADDRINUSE":
      return new UserError("port-in-use", `${listen} is already in use`, "Is classh running already? Otherwise choose another port with --listen HOST:PORT.", options);
    case "EACCES":
      return new UserError("bad-setting", `this account may not listen on ${listen}`, "Choose a port above 1023 with --listen HOST:PORT.", options);
    default:
      return new UserError("bad-setting", `can't listen on ${listen} (${error.message})`, "Choose an address of this machine with --listen HOST:PORT.", options);
  }
}

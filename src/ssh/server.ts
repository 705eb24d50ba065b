/**
 * The SSH edge: accepts connections, and passes logged-in people's shells and commands to its handlers. It knows no
 * IDE.
 *
 * Theory of operation: our own TCP server accepts, so that a client counts, and its login grace time runs, before it
 * has sent a byte; ssh2 gets the socket once the client has introduced itself. A Connection owns the socket; its
 * packets pass the guard, Authentication handles its login, and each of its session channels is a SessionChannel.
 */
import { once } from "node:events";
import { createServer, type AddressInfo, type Server as TcpServer, type Socket } from "node:net";
import ssh2 from "ssh2";
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import { Shares } from "../base/shares.ts";
import type { Settings } from "../config/schema.ts";
import { clientAlgorithms, hybridKeyExchange } from "./algorithms.ts";
import { Connection, type ConnectionContext } from "./connection.ts";
import type { SshHandlers } from "./handlers.ts";
import { loadHostKey, loadNextHostKey, type HostKey } from "./host-keys.ts";
import { plainAddress, trustedAddresses } from "./proxy-protocol.ts";
import { identification, softwareName } from "./identification.ts";
import { listenOn } from "./listen.ts";
import { warmEncapsulation } from "./ml-kem.ts";
import { disconnectReason, offerKeyExchange, socketOf } from "./ssh2-internals.ts";
import { refuse, StartupGate, type StartupDecision, type Ticket } from "./startups.ts";
import { WindowRoom } from "./window-room.ts";

/** What a server works with. */
export interface SshServerOptions<P> {
  readonly hostKeyFile: string;
  readonly settings: Settings["ssh"];
  readonly handlers: SshHandlers<P>;
  readonly log: Log;
  readonly clock: Clock;
}

/** The connections of a server. */
export interface ConnectionCounts {
  readonly authenticated: number;
  /** Connected and not logged in. */
  readonly waiting: number;
}

/** Connections of one account; a shared account of a whole class fits, somebody who collects sockets does not. */
const maxConnectionsOfOneName = 300;
/** How long a client that was told to leave may take to end by itself. */
const ownEndMs = 1000;

/** An SSH server. */
export class SshServer<P> implements AsyncDisposable {
  /** What clients show at their first login: "SHA256:..." */
  readonly fingerprint: string;
  readonly #options: SshServerOptions<P>;
  readonly #hostKeys: readonly HostKey[];
  readonly #scope = new Scope("ssh");
  readonly #connections = new Map<Socket, Connection<P>>();
  readonly #tcp: TcpServer;
  readonly #ssh: ssh2.Server;
  readonly #isTrusted: (address: string) => boolean;
  readonly #gate: StartupGate;
  readonly #shares: Shares;
  readonly #windows = new WindowRoom();
  readonly #changed = new Emitter<void>();
  #accepting = true;
  #changeTold = true;

  /**
   * A server that listens on HOST:PORT; port 0 takes a free one. Throws a UserError for a port in use, a bad address,
   * or what `create` throws.
   */
  static async start<P>(options: SshServerOptions<P> & { readonly listen: string }): Promise<SshServer<P>> {
    const server = await SshServer.create(options);
    try {
      await server.listen(options.listen);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    return server;
  }

  /**
   * A server that gets its connections by `accept`, until it listens. Throws a UserError for a host key that can't be
   * used.
   */
  static async create<P>(options: SshServerOptions<P>): Promise<SshServer<P>> {
    const isTrusted = trustedAddresses(options.settings.trustedProxies);
    const hostKey = await loadHostKey(options.hostKeyFile);
    const next = await loadNextHostKey(options.hostKeyFile);
    return new SshServer(options, next ? [hostKey, next] : [hostKey], isTrusted);
  }

  private constructor(
    options: SshServerOptions<P>,
    hostKeys: readonly [HostKey, ...HostKey[]],
    isTrusted: (address: string) => boolean,
  ) {
    this.#options = options;
    this.#isTrusted = isTrusted;
    this.#shares = new Shares(options.clock);
    const { settings, clock } = options;
    this.#gate = new StartupGate({ settings, isTrusted, clock, makeRoom: (source) => this.makeRoom(source) });
    const [hostKey] = hostKeys;
    this.#hostKeys = hostKeys;
    this.fingerprint = hostKey.fingerprint;
    offerKeyExchange(hybridKeyExchange);
    warmEncapsulation();
    this.#ssh = new ssh2.Server({
      hostKeys: [hostKey.privateKey],
      ident: softwareName,
      algorithms: clientAlgorithms,
      banner: options.settings.banner,
      keepaliveInterval: options.settings.keepaliveSeconds * 1000,
      keepaliveCountMax: options.settings.keepaliveCount,
    });
    this.#ssh.on("connection", (client) => {
      const connection = this.#connections.get(socketOf(client) as Socket);
      if (connection) connection.attach(client);
      else client.on("error", () => client.end());
    });
    // ssh2 leaves Nagle's algorithm on: with it a handshake takes 88 ms, and 6 ms without.
    this.#tcp = createServer({ noDelay: true }, (socket) => this.accept(socket));
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

  /** Fires when `connections` changed; many changes at once are reported once. */
  get onConnections() {
    return this.#changed.on;
  }

  /** Refuses newcomers from now on: the server is shutting down. Everybody else may stay. */
  stopAccepting(): void {
    this.#accepting = false;
  }

  /** Says goodbye to everybody and closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#accepting = false;
    // All at once, before the scope closes them one after the other: each may take a second to read the goodbye.
    const connections = [...this.#connections.values()];
    for (const connection of connections)
      connection.disconnect(disconnectReason.byApplication, "classh is shutting down. Your work is kept.");
    await Promise.all(connections.map((connection) => connection.closed));
    await this.#scope.close();
  }

  /** See `listenOn`. Rejects with a UserError. */
  listen(where: string, inherited?: number): Promise<void> {
    return listenOn(this.#tcp, where, inherited);
  }

  /** Takes a connection, whoever accepted it; with a ticket it was admitted already. */
  accept(socket: Socket, ticket?: Ticket): void {
    const admission = this.#admit(socket, ticket);
    if (!admission.ticket) return refuse(socket, admission.refusal, this.#options.clock);
    const scope = this.#scope.child("connection");
    const connection = new Connection(socket, scope, this.#contextFor(socket), admission.ticket);
    this.#connections.set(socket, connection);
    this.#change();
    scope.defer(() => {
      this.#connections.delete(socket);
      this.#change();
    });
    connection.start().catch((error: unknown) => {
      logBug(error, this.#options.log);
      connection.destroy();
    });
  }

  /** Ends the connection of this address that has kept us waiting longest, if there is one. */
  makeRoom(source: string): void {
    let idlest: Connection<P> | undefined;
    for (const connection of this.#connections.values()) {
      if (connection.source === source && connection.idleness > (idlest?.idleness ?? 0)) idlest = connection;
    }
    idlest?.giveWay();
  }

  #admit(socket: Socket, ticket: Ticket | undefined): StartupDecision {
    if (this.#accepting) return ticket ? { ticket } : this.#gate.admit(socket.remoteAddress ?? "");
    ticket?.end("left");
    return { refusal: "classh is restarting. Try again in a minute." };
  }

  #contextFor(socket: Socket): ConnectionContext<P> {
    const { handlers, settings, log, clock } = this.#options;
    return {
      handlers,
      settings,
      log,
      clock,
      shares: this.#shares,
      windows: this.#windows,
      ident: identification,
      expectsProxy: this.#isTrusted(plainAddress(socket.remoteAddress)),
      hostKeys: this.#hostKeys,
      admitBehindProxy: (address) => this.#gate.admit(address),
      inject: (injected) => this.#ssh.injectSocket(injected),
      admit: (username) => {
        this.#change(); // reported when the connection has its name
        return this.#countOf(username) < maxConnectionsOfOneName;
      },
    };
  }

  /**
   * Ends the connections of the people meant, with a sentence that their clients show. They get a moment to end by
   * themselves, as a client does when its terminal was closed: OpenSSH discards what it has not shown yet when a
   * disconnect follows immediately, and would leave its terminal in our screen's modes.
   */
  async disconnect(isMeant: (principal: P) => boolean, text: string): Promise<void> {
    const meant = [...this.#connections.values()].filter(({ identity }) => identity && isMeant(identity.principal));
    if (meant.length === 0) return;
    const late = new AbortController();
    using _timer = this.#options.clock.after(ownEndMs, () => late.abort());
    await Promise.race([Promise.all(meant.map((connection) => connection.closed)), once(late.signal, "abort")]);
    for (const connection of meant) connection.disconnect(disconnectReason.byApplication, text);
  }

  #countOf(username: string): number {
    let count = 0;
    for (const { identity } of this.#connections.values()) if (identity?.username === username) count += 1;
    return count;
  }

  #change(): void {
    if (!this.#changeTold) return;
    this.#changeTold = false;
    setImmediate(() => {
      this.#changeTold = true;
      this.#changed.emit();
    });
  }

  #closeTcp(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#tcp.listening) this.#tcp.close(() => resolve());
      else resolve();
    });
  }
}

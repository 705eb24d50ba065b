/**
 * A process among the other processes of its class: a node. It has a lease (locks/), announces how it is reached, knows
 * where every person's session is, passes a terminal on to the node that has the session, and takes terminals that
 * others pass on. A server alone is a cluster of one: the same code, with nobody to talk to.
 */
import type { Duplex } from "node:stream";
import type { Clock } from "../base/clock.ts";
import { errorText, explain, logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import { Emitter, type Event } from "../base/events.ts";
import { FrameReader } from "../base/frame-reader.ts";
import type { Log } from "../base/log.ts";
import type { SlowThing } from "../base/slowest.ts";
import type { LogFilter, LogLines } from "../base/log-lines.ts";
import { disposable, Scope } from "../base/scope.ts";
import { Shares } from "../base/shares.ts";
import type { Terminal } from "../base/terminal.ts";
import type { Database } from "../db/database.ts";
import { identifyProcess } from "../locks/process-identity.ts";
import { callNode } from "../ssh/node-client.ts";
import { NodeServer, type NodeListen } from "../ssh/node-server.ts";
import { formatAddress, parseAddress } from "./addresses.ts";
import { FarNodes } from "./far-nodes.ts";
import { nodeFrameKind, nodeFrames, sendFrame, type NodeFrame } from "./node-frames.ts";
import { parseHello, type Hello } from "./hello.ts";
import type { NodeFigures } from "./node-figures.ts";
import { followOver, LogStreams } from "./log-stream.ts";
import { relay, type RelayEnd } from "./relay.ts";
import { RelayedTerminal } from "./relayed-terminal.ts";
import { ask, reply, type NodeAnswer, type NodeRequest } from "./requests.ts";
import { SessionDirectory } from "./session-directory.ts";
import { SessionTable, type NodeAddress, type NodeRow } from "./session-table.ts";

/** What a node works with. */
export interface ClusterOptions {
  /** Name of this node for people. */
  readonly name: string;
  readonly database: Database;
  /** The lease of this process, from the lock manager. */
  readonly lease: {
    readonly node: string | undefined;
    readonly onRestored: Event<void>;
    nodeDied(node: string): Promise<void>;
  };
  /** Private key of the cluster, in OpenSSH's format. */
  readonly key: string;
  /** Path of the unix socket on which other processes of this machine reach us. */
  readonly socket: string;
  /** Where other machines reach us; undefined for nowhere. Port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number } | undefined;
  /** Name or address under which other machines see this one; empty for that of `listen`. */
  readonly advertise: string;
  /** Bound of sessions of all nodes together. */
  readonly maxSessions: number;
  /** The log of this process, which other nodes may follow. */
  readonly logLines: LogLines;
  readonly clock: Clock;
  readonly log: Log;
}

/** A person whose connection is at another node. */
export interface RelayedArrival {
  readonly session: string;
  readonly username: string;
  /** Address of the person's connection. */
  readonly address: string;
  /** Whether the login at the other node was with an initial password. */
  readonly knowsInitialPassword: boolean;
  /** Mode in which `username` attaches to somebody else's session; undefined when the session is their own. */
  readonly watch: string | undefined;
  /** Takes the terminal; closing it gives it back. */
  readonly accept: () => RelayedTerminal;
  /** Answers that there is no such session here. */
  readonly gone: () => void;
}

/** What other nodes ask of this one. */
export interface ClusterHandlers {
  attach(arrival: RelayedArrival): Promise<void>;
  /** Ends a session; false when it is not here. */
  kick(session: string, reason: string): Promise<boolean>;
  /** Ends a session whose person is away; false when there is no such session here. */
  retire(session: string): Promise<boolean>;
  /** Ends everything that these people have open here. */
  leave(usernames: readonly string[], reason: string): Promise<void>;
  /** Begins the orderly end of this node; returns at once. */
  drain(): void;
  figures(): NodeFigures;
  slowest(): readonly SlowThing[];
}

const attachSubsystem = "classh-attach";
const controlSubsystem = "classh-control";
const logSubsystem = "classh-log";

/** This process as a node. */
export class Cluster implements AsyncDisposable {
  readonly directory: SessionDirectory;
  readonly #options: ClusterOptions;
  /** Shares of people whose terminals are at other nodes; their screens are drawn here. */
  readonly #shares: Shares;
  readonly #host: string;
  readonly #table: SessionTable;
  readonly #scope = new Scope("cluster");
  readonly #arrivals = new Set<Promise<void>>();
  readonly #relays = new Set<Promise<RelayEnd>>();
  readonly #dismissed = new Emitter<string>();
  readonly #logStreams: LogStreams;
  #address: string | undefined;
  #draining = false;
  #handlers: ClusterHandlers | undefined;

  /** Listens for other nodes, and announces where. Throws a UserError for an address that can't be used. */
  static async start(options: ClusterOptions): Promise<Cluster> {
    const { host } = await identifyProcess();
    const cluster = new Cluster(options, host);
    try {
      await cluster.#start();
      return cluster;
    } catch (error) {
      await cluster.#scope.close();
      throw error;
    }
  }

  private constructor(options: ClusterOptions, host: string) {
    const { database, lease, maxSessions, clock, log } = options;
    this.#options = options;
    this.#shares = new Shares(clock);
    this.#logStreams = new LogStreams(options.logLines);
    this.#host = host;
    this.#table = new SessionTable(database);
    this.directory = this.#scope.own(
      new SessionDirectory({ table: this.#table, node: () => lease.node, maxSessions, clock, log }),
    );
    this.#scope.own(lease.onRestored(() => this.#renewed()));
  }

  /** Id of this process's lease, while it has one. */
  get node(): string | undefined {
    return this.#options.lease.node;
  }

  get name(): string {
    return this.#options.name;
  }

  /** Starts answering other nodes. */
  serve(handlers: ClusterHandlers): void {
    this.#handlers = handlers;
  }

  /** Passes a terminal on; resolves when that ends. Rejects with `node-unreachable`; then the terminal is untouched. */
  async relay(at: NodeAddress, terminal: Terminal, who: Omit<Hello, "term" | "env" | "size">): Promise<RelayEnd> {
    const stream = await this.#call(at, attachSubsystem);
    const running = relay({ stream, terminal, who, onDismiss: this.#dismissed.on, log: this.#options.log });
    this.#relays.add(running);
    try {
      return await running;
    } finally {
      this.#relays.delete(running);
    }
  }

  /** Number of terminals that are passed on at present. */
  get relays(): number {
    return this.#relays.size;
  }

  /** Has the screens of everybody who is passed on show `reason` and leave; resolves when they have. */
  async dismissAll(reason: string): Promise<void> {
    this.#dismissed.emit(reason);
    await Promise.all(this.#relays);
  }

  /** Asks a node (or this one) for something; false when there was nothing to do. Rejects with `node-unreachable`. */
  async request(at: NodeAddress, request: NodeRequest): Promise<boolean> {
    if (at.node === this.node) return (await this.#answer(request)).done;
    const { done } = await ask(await this.#call(at, controlSubsystem), request, this.#options.clock);
    return done;
  }

  /** The figures of a node (or this one); undefined when it does not tell. Rejects with `node-unreachable`. */
  async figures(at: NodeAddress): Promise<NodeFigures | undefined> {
    if (at.node === this.node) return this.#handlers?.figures();
    return (await ask(await this.#call(at, controlSubsystem), { kind: "figures" }, this.#options.clock)).figures;
  }

  /** What took long at a node (or at this one). Rejects with `node-unreachable`. */
  async slowest(at: NodeAddress): Promise<readonly SlowThing[]> {
    if (at.node === this.node) return this.#handlers?.slowest() ?? [];
    return (await ask(await this.#call(at, controlSubsystem), { kind: "slowest" }, this.#options.clock)).slowest ?? [];
  }

  /**
   * Follows the log of a node (or of this one) until disposed; `ended` is called when the other node ends it. Rejects
   * with `node-unreachable`.
   */
  async followLog(
    at: NodeAddress,
    filter: LogFilter,
    { take, ended }: { readonly take: (line: string) => void; readonly ended: () => void },
  ): Promise<Disposable> {
    if (at.node === this.node) return this.#options.logLines.follow(filter, take);
    const stream = await this.#call(at, logSubsystem);
    followOver(stream, filter, take);
    stream.once("close", ended);
    return disposable(() => stream.destroy());
  }

  /** All living nodes. Throws `database-unavailable`. */
  async nodes(): Promise<readonly NodeRow[]> {
    return await this.#table.nodes();
  }

  /** Announces that nothing new is to come here. Never rejects. */
  async setDraining(): Promise<void> {
    this.#draining = true;
    await this.#announce();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope.close();
    await Promise.all(this.#arrivals);
  }

  async #start(): Promise<void> {
    const { key, log, clock, socket, listen, advertise } = this.#options;
    const server = this.#scope.own(
      new NodeServer({ key, onStream: (subsystem, stream) => this.#accept(subsystem, stream), log, clock }),
    );
    await server.listen({ path: socket });
    if (listen) {
      try {
        const port = await server.listen(listen);
        this.#address = formatAddress({ host: advertise || listen.host, port });
      } catch (cause) {
        throw new UserError(
          "bad-setting",
          `can't listen for other servers on ${listen.host}:${listen.port}`,
          "Check the setting cluster.listen.",
          { cause },
        );
      }
    }
    // Only now: a node that is announced and refuses connections counts as dead.
    await this.#announce();
    if (listen) this.#watchOthers();
  }

  #watchOthers(): void {
    const { database, lease, clock, log } = this.#options;
    this.#scope.own(new FarNodes({ database, host: this.#host, onDead: (node) => lease.nodeDied(node), clock, log }));
  }

  #renewed(): void {
    this.directory.renew();
    void this.#announce();
  }

  async #announce(): Promise<void> {
    const { node } = this;
    if (node === undefined) return;
    try {
      await this.#table.announce(node, {
        socket: this.#options.socket,
        address: this.#address,
        draining: this.#draining,
      });
    } catch (error) {
      logBug(error, this.#options.log); // the next lease announces it again
    }
  }

  async #call(at: NodeAddress, subsystem: string): Promise<Duplex> {
    const where = this.#wayTo(at);
    if (where) return await callNode({ where, key: this.#options.key, subsystem });
    throw new UserError(
      "node-unreachable",
      `the server ${at.name} can't be reached from here`,
      "Its setting cluster.listen must name an address.",
    );
  }

  #wayTo({ host, socket, address }: NodeAddress): NodeListen | undefined {
    if (host === this.#host && socket !== undefined) return { path: socket };
    return address === undefined ? undefined : parseAddress(address);
  }

  #accept(subsystem: string, stream: Duplex): void {
    const work = this.#serve(subsystem, stream)
      .catch((error: unknown) => {
        logBug(error, this.#options.log);
        stream.destroy();
      })
      .finally(() => this.#arrivals.delete(work));
    this.#arrivals.add(work);
  }

  async #serve(subsystem: string, stream: Duplex): Promise<void> {
    if (subsystem === controlSubsystem) return await reply(stream, (request) => this.#answer(request));
    if (subsystem === logSubsystem) return this.#logStreams.serve(stream);
    if (subsystem !== attachSubsystem) return void stream.destroy();
    const reader = new FrameReader(nodeFrames);
    const hello = await readHello(stream, reader);
    if (!hello) return void stream.destroy();
    const gone = (): void => {
      sendFrame(stream, nodeFrameKind.gone);
      stream.end();
    };
    if (!this.#handlers) return gone();
    const { session, username, address, knowsInitialPassword, watch } = hello;
    let taken: RelayedTerminal | undefined;
    const accept = (): RelayedTerminal => {
      sendFrame(stream, nodeFrameKind.accepted);
      taken = new RelayedTerminal(stream, reader, { hello, share: this.#shares.of(username), log: this.#options.log });
      return taken;
    };
    try {
      await this.#handlers.attach({ session, username, address, knowsInitialPassword, watch, accept, gone });
    } catch (error) {
      // As the SSH edge does it for a terminal of its own.
      const told = explain(error, this.#options.log, { user: username });
      const terminal = taken ?? accept();
      terminal.write(errorText(told, terminal.size.columns));
      terminal.close(told.exitStatus);
    }
  }

  async #answer(request: NodeRequest): Promise<NodeAnswer> {
    switch (request.kind) {
      case "kick":
        return { done: (await this.#handlers?.kick(request.session, request.reason)) ?? false };
      case "retire":
        return { done: (await this.#handlers?.retire(request.session)) ?? false };
      case "leave":
        await this.#handlers?.leave(request.usernames, request.reason);
        return { done: this.#handlers !== undefined };
      case "drain":
        this.#handlers?.drain();
        return { done: this.#handlers !== undefined };
      case "figures":
        return { done: this.#handlers !== undefined, figures: this.#handlers?.figures() };
      case "slowest":
        return { done: this.#handlers !== undefined, slowest: this.#handlers?.slowest() };
      default:
        return request satisfies never;
    }
  }
}

/** The first frame of a stream; one without frames counts as beginning with something other than hello. */
function firstFrame(reader: FrameReader<NodeFrame>, chunk: Buffer): NodeFrame | undefined {
  try {
    return reader.read(chunk)[0];
  } catch {
    return { kind: 0, payload: chunk }; // the answer says so: it is refused
  }
}

/** The first message on a stream; undefined when the stream ends before. */
function readHello(stream: Duplex, reader: FrameReader<NodeFrame>): Promise<Hello | undefined> {
  return new Promise((resolve) => {
    const done = (hello: Hello | undefined): void => {
      stream.off("data", take);
      stream.pause();
      resolve(hello);
    };
    const take = (chunk: Buffer): void => {
      // The other node sends nothing more before it was accepted.
      const frame = firstFrame(reader, chunk);
      if (frame) done(frame.kind === nodeFrameKind.hello ? parseHello(frame.payload) : undefined);
    };
    stream.on("data", take);
    stream.once("close", () => done(undefined));
  });
}

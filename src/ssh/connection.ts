/**
 * One TCP connection, from its acceptance to its end. Everything that it holds is in its scope, which closes with the
 * socket, whatever the reason; ssh2's own events come in different orders and some not at all.
 */
import type { Socket } from "node:net";
import type { AcceptConnection, Connection as Ssh2Connection, RejectConnection, Session } from "ssh2";
import { counted } from "../base/counted.ts";
import type { Clock } from "../base/clock.ts";
import { logBug } from "../base/error-report.ts";
import type { Log } from "../base/log.ts";
import type { Scope } from "../base/scope.ts";
import { Shares, type Share } from "../base/shares.ts";
import type { Settings } from "../config/schema.ts";
import { Authentication, type Identity } from "./authentication.ts";
import { useOwnChacha } from "./chacha/install.ts";
import type { SshHandlers } from "./handlers.ts";
import { announceHostKeys, hostKeyProver } from "./host-key-rotation.ts";
import type { HostKey } from "./host-keys.ts";
import { readIntroduction } from "./introduction.ts";
import { extendKeyExchange } from "./key-exchange.ts";
import { guardPackets } from "./packet-guard.ts";
import { keepToShare } from "./flow.ts";
import { rekeyRegularly } from "./rekey.ts";
import { SessionChannel } from "./session-channel.ts";
import { SocketHold } from "./socket-hold.ts";
import { channelTableOf, disconnectMessage, disconnectReason, protocolOf, sessionInternals } from "./ssh2-internals.ts";
import type { StartupDecision, StartupOutcome, Ticket } from "./startups.ts";
import type { WindowRoom } from "./window-room.ts";
import { Wire } from "./wire.ts";

/** What all connections of a server share. */
export interface ConnectionContext<P> {
  readonly handlers: SshHandlers<P>;
  readonly settings: Settings["ssh"];
  readonly log: Log;
  readonly clock: Clock;
  /** The line with which we introduce ourselves, including its end. */
  readonly ident: string;
  readonly expectsProxy: boolean;
  /** The server's keys, the one in use first. */
  readonly hostKeys: readonly HostKey[];
  /** Asks again for somebody whose address only a proxy could tell. */
  admitBehindProxy(address: string): StartupDecision;
  /** Passes the socket to ssh2, which answers with `attach`. */
  inject(socket: Socket): void;
  /** Shares of the thread: people's, and one for each connection before it is anybody's. */
  readonly shares: Shares;
  readonly windows: WindowRoom;
  /** Whether one more connection of this name is welcome; called once, at login. */
  admit(username: string): boolean;
}

/** How long the client has to read our goodbye. */
const farewellMs = 1000;
/** Time for choosing a new password, after the old one was right. */
const conversationGraceMs = 180_000;
/** ssh2's error (protocol/crypto.js) for a packet of more than 35,000 bytes. */
const tooLongPacket = "Bad packet length";
const tooLongText =
  "This command is too long: the limit is 16384 characters. Send longer input through standard input.";
/** RFC 4253 asks for 32768; below this a packet is mostly header, and ssh2 loops for ever on 0. */
const minPacketBytes = 256;
/**
 * How long a client may keep us waiting before it has to give way: a person who types a password needs longer than a
 * program.
 */
const patienceMs = { introduction: 2_000, handshake: 5_000, password: 10_000 } as const;

/** A connection of a client. */
export class Connection<P> {
  readonly socket: Socket;
  readonly #context: ConnectionContext<P>;
  readonly #scope: Scope;
  readonly #closed = new AbortController();
  readonly #sessions = new Map<number, SessionChannel<P>>();
  #identity: Identity<P> | undefined;
  #address = "";
  #share: Share;
  #wire: Wire | undefined;
  #grace: Disposable | undefined;
  #leaving = false;
  #ticket: Ticket;
  #stage: keyof typeof patienceMs = "introduction";
  /** Since when we wait for the client; undefined while it waits for us. */
  #waitingSince: number | undefined;
  #failures = 0;
  /** Whether the client has begun a key exchange, which costs us computation. */
  #costly = false;
  readonly #accepted: number;

  constructor(socket: Socket, scope: Scope, context: ConnectionContext<P>, ticket: Ticket) {
    this.socket = socket;
    this.#scope = scope;
    this.#context = context;
    this.#share = scope.own(new Shares(context.clock).of("nobody yet"));
    this.#ticket = ticket;
    this.#accepted = context.clock.monotonic();
    this.#waitingSince = this.#accepted;
    socket.on("error", (error) => context.log.debug("connection error", { error }));
    // The client has closed its side. ssh2 can't answer any more then, and Node.js would wait until everything is read.
    socket.on("end", () => socket.destroy());
    socket.on("close", () => this.#close());
    scope.defer(() => this.closed);
    scope.defer(() => this.destroy());
    const { introductionSeconds, loginGraceSeconds } = context.settings;
    this.#allow(
      Math.min(introductionSeconds, loginGraceSeconds) * 1000,
      `Your client did not introduce itself within ${counted(introductionSeconds, "second")}.`,
    );
  }

  /** The address, as limits see it. */
  get source(): string {
    return this.#ticket.source;
  }

  /**
   * Milliseconds by which a client that has not logged in has exceeded our patience: above 0 it may have to give way.
   */
  get idleness(): number {
    return this.#identity || this.#leaving ? 0 : this.#overdue;
  }

  /** Ends a connection that has kept us waiting, in favour of a newcomer. */
  giveWay(): void {
    this.#end(
      "Too many connections from your address are waiting to log in, and yours has waited the longest. Connect again.",
    );
  }

  /** Who logged in; undefined until then. */
  get identity(): Identity<P> | undefined {
    return this.#identity;
  }

  /** Exchanges identification lines and starts the protocol. */
  async start(): Promise<void> {
    const { ident, expectsProxy, log } = this.#context;
    this.socket.write(ident); // some clients wait for ours before they send theirs
    const introduction = await readIntroduction(this.socket, expectsProxy);
    if (this.#leaving) return;
    switch (introduction.kind) {
      case "gone":
        return;
      case "refused":
        log.debug("connection refused", { address: this.socket.remoteAddress, reason: introduction.reason });
        this.#endSocket(introduction.message === "" ? undefined : `${introduction.message}\r\n`);
        return;
      case "ssh":
        this.#address = introduction.address;
        if (expectsProxy && !this.#admitBehindProxy()) return;
        this.#stage = "handshake";
        this.#waitingSince = this.#context.clock.monotonic();
        this.#allow(
          this.#context.settings.loginGraceSeconds * 1000 - (this.#waitingSince - this.#accepted),
          this.#tooLate,
        );
        swallowIdent(this.socket, ident);
        this.#context.inject(this.socket);
    }
  }

  /** Takes over from ssh2, which has read the client's identification line. */
  attach(client: Ssh2Connection): void {
    const { settings, clock, log } = this.#context;
    // First of all: without this listener, an error of one client ends the process.
    client.on("error", (error) => {
      log.debug("ssh error", { address: this.#address, error });
      if (this.#identity && error.message === tooLongPacket) this.#refuseTooLong();
      else this.#endSocket();
    });
    if (this.#closed.signal.aborted) return;
    useOwnChacha(client);
    extendKeyExchange(client, () => (this.#costly = true));
    const wire = new Wire(client, this.socket);
    this.#wire = wire;
    const everyChannel = (): void => {
      for (const session of this.#sessions.values()) session.pump();
    };
    this.#scope.own(wire.onWritable(everyChannel));
    const hold = new SocketHold(this.socket);
    this.#scope.own(keepToShare({ client, socket: this.socket, hold, clock, share: () => this.#share }));
    const answerForHostKeys = hostKeyProver(protocolOf(client), this.#context.hostKeys);
    guardPackets({
      client,
      socket: this.socket,
      hold,
      wire,
      answerForHostKeys,
      onReaderGone: (channel) => this.#sessions.get(channel)?.readerGone(),
      onWindow: (channel) => this.#sessions.get(channel)?.pump(),
      onPtyRequest: ({ channel, erase }) => this.#sessions.get(channel)?.setErase(erase),
    });
    rekeyRegularly({
      client,
      wire,
      scope: this.#scope,
      clock,
      log,
      bytes: settings.rekeyMebibytes * 2 ** 20,
      ms: settings.rekeyMinutes * 60_000,
      violation: (reason) => this.#abandon(reason),
    });
    this.#authenticate(client);
    client.on("session", (accept, reject) => this.#openSession(client, accept, reject));
    const forwards = "Ports and sockets are not forwarded here.";
    const refuseForward = (_accept: unknown, reject: (() => void) | undefined): void => {
      wire.explain(forwards);
      reject?.();
    };
    client.on("request", refuseForward);
    client.on("tcpip", refuseForward);
    client.on("openssh.streamlocal", refuseForward);
  }

  /** Says goodbye, and closes. Safe at any time. */
  disconnect(reason: number, text: string): void {
    if (this.#leaving) return;
    this.#wire?.disconnect(reason, text);
    this.#endSocket();
  }

  /** Resolves when the socket is closed. */
  get closed(): Promise<void> {
    if (this.socket.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.socket.once("close", () => resolve());
    });
  }

  /** Closes without waiting for anything. */
  destroy(): void {
    this.socket.destroy();
  }

  #authenticate(client: Ssh2Connection): void {
    const { handlers, settings, log, clock } = this.#context;
    const authentication = new Authentication({
      address: this.#address,
      handlers,
      maxTries: settings.maxAuthTries,
      log: log.child({ address: this.#address }),
      clock,
      closed: this.#closed.signal,
      exhausted: () =>
        this.disconnect(disconnectReason.noMoreMethods, "Too many authentication failures. Connect again."),
      needsTime: (late) => this.#allow(conversationGraceMs, late),
      waitsForUs: (waits) => {
        this.#stage = "password";
        this.#waitingSince = waits ? undefined : clock.monotonic();
      },
      failed: () => (this.#failures += 1),
    });
    client.on("authentication", (context) => {
      // ssh2 leaves an abandoned conversation in its queue, and then refuses keys for want of a request.
      if (context.method === "keyboard-interactive")
        context.on("abort", () => void protocolOf(client)._authsQueue.shift());
      authentication.handle(context);
    });
    client.once("ready", () => {
      const identity = authentication.accepted;
      if (!identity || this.#closed.signal.aborted) return this.destroy();
      announceHostKeys(client, this.#context.hostKeys);
      this.#loggedIn(identity);
    });
  }

  #loggedIn(identity: Identity<P>): void {
    this.#grace?.[Symbol.dispose]();
    this.#grace = undefined;
    const { handlers, log } = this.#context;
    if (!this.#context.admit(identity.username)) {
      this.disconnect(disconnectReason.tooManyConnections, "You have too many connections open. Close some of them.");
      return;
    }
    this.#identity = identity;
    this.#share = this.#scope.own(this.#context.shares.of(identity.username));
    this.#ticket.end("in");
    const { principal, username, method } = identity;
    try {
      handlers.authenticated?.(principal, { address: this.#address, method, username });
    } catch (error) {
      logBug(error, log);
    }
  }

  #openSession(client: Ssh2Connection, accept: AcceptConnection<Session>, reject: RejectConnection): void {
    const identity = this.#identity;
    const wire = this.#wire;
    if (!identity || !wire || this.#sessions.size >= this.#context.settings.maxSessionsPerConnection) {
      reject();
      return;
    }
    const session = accept();
    const { incoming, outgoing } = sessionInternals(session)._chanInfo;
    const channel = new SessionChannel<P>(session, {
      principal: identity.principal,
      username: identity.username,
      address: this.#address,
      wire,
      share: this.#share,
      windows: this.#context.windows,
      clock: this.#context.clock,
      handlers: this.#context.handlers,
      log: this.#context.log.child({ user: identity.username, address: this.#address }),
      abandon: (reason) => this.#abandon(reason),
    });
    this.#sessions.set(incoming.id, channel);
    session.on("close", () => {
      this.#sessions.delete(incoming.id);
      const unused = channel.closedUnused();
      channel.disconnected();
      if (!unused || wire.closed) return;
      protocolOf(client).channelClose(unused.remote);
      channelTableOf(client).remove(unused.local);
    });
    if (!(outgoing.packetSize >= minPacketBytes)) this.#abandon("packet size too small");
  }

  /**
   * Ends the connection of somebody who pasted a file into a command, and says why: ssh2 reads no packet of that size.
   */
  #refuseTooLong(): void {
    if (this.#leaving) return;
    this.#wire?.disconnect(disconnectReason.protocolError, tooLongText);
    this.#endSocket(undefined, true);
  }

  /** Ends a connection whose client breaks the protocol on purpose. */
  #abandon(reason: string): void {
    this.#context.log.warn("connection abandoned", { address: this.#address, user: this.#identity?.username, reason });
    this.disconnect(disconnectReason.protocolError, reason);
  }

  /** (Re)starts the time in which the client must have come further; otherwise it is sent the text. */
  #allow(ms: number, text: string): void {
    this.#grace?.[Symbol.dispose]();
    this.#grace = this.#closed.signal.aborted
      ? undefined
      : this.#context.clock.after(Math.max(0, ms), () => this.#end(text));
  }

  get #tooLate(): string {
    return `You did not log in within ${counted(this.#context.settings.loginGraceSeconds, "second")}. Connect again.`;
  }

  /** Says why, in a form that the client understands at this point, and closes. */
  #end(text: string): void {
    if (this.#leaving) return;
    if (this.#wire) this.disconnect(disconnectReason.byApplication, text);
    else this.#endSocket(disconnectMessage(text));
  }

  /** Takes a ticket for the real address: many are behind a proxy, each with its own share. */
  #admitBehindProxy(): boolean {
    const admission = this.#context.admitBehindProxy(this.#address);
    if (!admission.ticket) {
      this.#endSocket(disconnectMessage(admission.refusal));
      return false;
    }
    this.#ticket.end("left");
    this.#ticket = admission.ticket;
    return true;
  }

  /** What the connection was, if it ends now. */
  get #outcome(): StartupOutcome {
    if (this.#failures > 0) return "failed";
    return this.#overdue > 0 ? "silent" : "left";
  }

  get #overdue(): number {
    return this.#waitingSince === undefined
      ? 0
      : this.#context.clock.monotonic() -
          this.#waitingSince -
          patienceMs[this.#stage === "handshake" && !this.#costly ? "introduction" : this.#stage];
  }

  /**
   * Sends the last bytes, then closes without waiting for a client that does not read them. With `reading`, what the
   * client is still sending is read and discarded meanwhile: a socket closed with bytes unread resets, and the client
   * loses our last ones.
   */
  #endSocket(last?: string | Buffer, reading = false): void {
    if (this.#leaving) return;
    this.#leaving = true;
    if (last !== undefined) this.socket.write(last);
    this.#detach();
    if (reading) this.socket.end();
    else this.socket.destroySoon();
    const timer = this.#context.clock.after(farewellMs, () => this.socket.destroy());
    this.socket.once("close", () => timer[Symbol.dispose]());
  }

  /** Stops all writing: ssh2 throws when it is asked to write after a protocol error. */
  #detach(): void {
    this.#ticket.end(this.#outcome, !this.#costly && this.#failures === 0);
    this.#wire?.close();
    this.#grace?.[Symbol.dispose]();
    this.#closed.abort();
    for (const session of this.#sessions.values()) session.disconnected();
    this.#sessions.clear();
  }

  #close(): void {
    this.#leaving = true;
    this.#detach();
    this.#scope.close().catch((error: unknown) => logBug(error, this.#context.log));
  }
}

/** Suppresses ssh2's identification line, which the client has from us already. */
function swallowIdent(socket: Socket, ident: string): void {
  const replacement = (data: unknown, ...rest: unknown[]): boolean => {
    Reflect.deleteProperty(socket, "write");
    if (String(data) === ident) return true;
    const write = Reflect.get(socket, "write") as (...all: unknown[]) => boolean;
    return Reflect.apply(write, socket, [data, ...rest]);
  };
  socket.write = replacement as Socket["write"];
}

/**
 * Checks each decrypted packet before ssh2 sees it, for what ssh2 does not check itself. A violation throws: ssh2 turns
 * that into the connection's error, and the connection is destroyed.
 */
import type { Socket } from "node:net";
import type { Connection as Ssh2Connection } from "ssh2";
import { readPtyRequest, type PtyRequest } from "./pty-request.ts";
import { channelTableOf, messageNumber, protocolOf, type ChannelInternals } from "./ssh2-internals.ts";
import type { SocketHold } from "./socket-hold.ts";
import type { Wire } from "./wire.ts";

/**
 * Answers to one round of questions; ours has two. ssh2 allocates as many as the packet claims: 326 MB for one packet.
 */
const maxAnswers = 8;
/**
 * Bytes beyond the windows of its channels by which a connection is no careless client, but an attack on our memory.
 */
const windowSlackBytes = 32 << 10;
/** Packets that may wait for the end of a key exchange; a client that never finishes one must not make them pile up. */
const maxQueuedPackets = 1000;
const maxUnansweredPings = 16_384;
/**
 * Requests for the authentication service, as many as login requests: paramiko sends one before each of its attempts.
 */
const maxServiceRequests = 100;
const loginService = "ssh-userauth";
/** Replies that may wait in the socket of a client that asks without reading: above this we stop reading. */
const replyBacklogBytes = 512 << 10;

/** A request as it follows the number of its channel: the length of its name and the name (OpenSSH's PROTOCOL, 2.1). */
const readerGone = requestName("eow@openssh.com");

function requestName(name: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([length, Buffer.from(name)]);
}

/** What the guard of a connection works with. */
export interface PacketGuardOptions {
  readonly client: Ssh2Connection;
  readonly socket: Socket;
  readonly hold: SocketHold;
  readonly wire: Wire;
  /** Answers a request about the server's own keys; false leaves it to ssh2. */
  answerForHostKeys(payload: Buffer): boolean;
  /** Called when nobody reads what the client prints of one of our channels (by our number). */
  onReaderGone(channel: number): void;
  /** Called when the client allows more data on one of our channels (by our number). */
  onWindow(channel: number): void;
  /** Called before ssh2 sees a request for a pty. */
  onPtyRequest(request: PtyRequest): void;
}

/** Puts the guard in front of ssh2's packet handler. To be called before the first key exchange is complete. */
export function guardPackets(options: PacketGuardOptions): void {
  const { client, socket, wire } = options;
  const protocol = protocolOf(client);
  const channels = channelTableOf(client);
  const pass = protocol._onPayload;
  let overrun = 0;
  let serviceRequests = 0;

  /**
   * Whether a client requests the authentication service again. ssh2 accepts the first request and hangs up at the
   * second; RFC 4253 section 10 does not forbid it, and sshd answers each.
   */
  const asksForLoginAgain = (payload: Buffer): boolean => {
    if (payload[0] !== messageNumber.serviceRequest || !isForLogin(payload) || client.authenticated) return false;
    serviceRequests += 1;
    if (serviceRequests > maxServiceRequests) throw new Error("too many service requests");
    return serviceRequests > 1;
  };
  const checkBefore = (payload: Buffer): void => {
    if (payload[0] === messageNumber.informationResponse) checkAnswers(payload);
    else if (payload[0] === messageNumber.channelData) {
      overrun += beyondWindow(payload, channels.get(payload.readUInt32BE(1)));
      if (overrun > windowSlackBytes) throw new Error("window exceeded");
    } else {
      const request = readPtyRequest(payload);
      if (request) options.onPtyRequest(request);
    }
  };
  const checkAfter = (payload: Buffer): void => {
    wire.countTraffic(payload.length);
    const type = payload[0];
    if (type === messageNumber.channelRequest && isReaderGone(payload)) options.onReaderGone(payload.readUInt32BE(1));
    if (type === messageNumber.windowAdjust) options.onWindow(payload.readUInt32BE(1));
    else if (type === messageNumber.requestSuccess || type === messageNumber.requestFailure) wire.pingAnswered();
    if ((protocol._queue?.length ?? 0) > maxQueuedPackets)
      throw new Error("key exchange not finished, too much waits for it");
    if (wire.unansweredPings > maxUnansweredPings) throw new Error("too many unanswered pings");
    if (socket.writableLength > replyBacklogBytes) holdUntilDrained(socket, options.hold);
  };

  protocol._onPayload = (payload) => {
    if (wire.closed) return undefined; // after our goodbye, what was on its way is ignored
    if (asksForLoginAgain(payload)) return protocol.serviceAccept(loginService);
    checkBefore(payload);
    const result = client.authenticated && options.answerForHostKeys(payload) ? undefined : pass(payload);
    checkAfter(payload);
    return result;
  };
}

function isForLogin(payload: Buffer): boolean {
  return payload.length === 5 + loginService.length && payload.toString("latin1", 5) === loginService;
}

function isReaderGone(payload: Buffer): boolean {
  return payload.subarray(5, 5 + readerGone.length).equals(readerGone);
}

function checkAnswers(payload: Buffer): void {
  if (payload.readUInt32BE(1) > maxAnswers) throw new Error("too many answers");
}

/**
 * Bytes beyond the window. ssh2 lets the window go below zero, and then takes everything: a paused channel took 780 MB
 * in 3 s.
 */
function beyondWindow(payload: Buffer, entry: unknown): number {
  const incoming = incomingOf(entry);
  return incoming ? Math.max(0, payload.readUInt32BE(5) - Math.max(0, incoming.window)) : 0;
}

function incomingOf(entry: unknown): ChannelInternals["incoming"] | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  if ("incoming" in entry) return (entry as ChannelInternals).incoming;
  return "_channel" in entry ? incomingOf(entry._channel) : undefined;
}

function holdUntilDrained(socket: Socket, hold: SocketHold): void {
  if (hold.has("replies")) return;
  hold.hold("replies");
  socket.once("drain", () => hold.release("replies"));
}

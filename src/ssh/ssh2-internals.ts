/**
 * The private parts of ssh2 1.17.0 that the guards need, typed in one module. The version is pinned; every use has a
 * test that fails when the part changes. Nothing outside this folder knows them.
 */
import { createRequire } from "node:module";
import type { Client, Connection as Ssh2Connection, ServerChannel, Session } from "ssh2";

interface Window {
  readonly id: number;
  window: number;
  readonly packetSize: number;
  state: "open" | "eof" | "closing" | "closed";
}

/** One key exchange, the first or a later one. Its methods are called in this order, with what the client sent. */
export interface KeyExchange {
  readonly negotiated: { kex: string };
  /** The client's KEXINIT, for the hash that both sides sign. */
  _remoteKexinit: Buffer;
  /** Hash of the first exchange, which identifies the connection. */
  readonly sessionID: Buffer | undefined;
  /** Whether the client takes extensions (RFC 8308): then ssh2 sends its own list. */
  remoteExtInfoEnabled: boolean;
  generateKeys(): void;
  convertPublicKey(key: Buffer): Buffer;
  /** An Error ends the connection. */
  computeSecret(fromClient: Buffer): Buffer | Error;
  /** What is sent back to the client. */
  getPublicKey(): Buffer | undefined;
}

/** The protocol of a connection. */
export interface Ssh2Protocol {
  /** Undefined before the client's first KEXINIT. */
  readonly _kex: KeyExchange | undefined;
  /** What we offer. */
  readonly _offer: { readonly lists: { readonly kex: { readonly array: readonly string[] } } };
  /** Decrypts, and passes on each packet of the first key exchange. */
  readonly _decipher: { _onPayload: (payload: Buffer) => unknown };
  /** Our KEXINIT during a key exchange, otherwise undefined. */
  readonly _kexinit: unknown;
  /** Packets that wait for the end of a key exchange. */
  readonly _queue: readonly unknown[] | undefined;
  /** Methods of authentication requests that have not been answered. */
  readonly _authsQueue: string[];
  /** Undefined once the protocol was ended: writing would throw. */
  readonly _destruct: unknown;
  /** Takes each decrypted packet. The deciphers take it over at the end of the first key exchange. */
  _onPayload: (payload: Buffer) => unknown;
  readonly _packetRW: {
    readonly write: {
      readonly allocStartKEX: number;
      alloc(size: number, force: boolean): Buffer;
      finalize(packet: Buffer, force: boolean): Buffer;
    };
  };
  readonly _cipher: { encrypt(packet: Buffer): void };
  /** Reads a part of what came from the socket. */
  parse: (chunk: Buffer, start: number, end: number) => void;
  ping: () => void;
  rekey(): void;
  serviceAccept(service: string): void;
  requestSuccess(data: Buffer): void;
  channelData(id: number, data: Buffer): void;
  channelExtData(id: number, data: Buffer, type: number): void;
  channelClose(id: number): void;
}

interface ChannelTable {
  get(id: number): unknown;
  remove(id: number): void;
}

export interface ChannelInternals {
  readonly incoming: Window;
  readonly outgoing: Window;
  readonly _readableState: { highWaterMark: number };
}

export interface SessionInternals {
  readonly _channel: ChannelInternals | undefined;
  readonly _chanInfo: { readonly incoming: Window; readonly outgoing: Window };
}

/** Encrypts with chacha20-poly1305@openssh.com, where ssh2 has no native addon. */
export interface ChachaCipherInternals {
  /** 32 bytes each: for packets, and for their lengths. */
  readonly _encKeyMain: Buffer;
  readonly _encKeyPktLen: Buffer;
  readonly _onWrite: (bytes: Buffer) => void;
  outSeqno: number;
  /** Takes a packet without room for the tag. */
  encrypt(packet: Buffer): void;
  free(): void;
}

/** Decrypts likewise. */
export interface ChachaDecipherInternals {
  readonly _decKeyMain: Buffer;
  readonly _decKeyPktLen: Buffer;
  _onPayload: (payload: Buffer) => unknown;
  inSeqno: number;
  decrypt(bytes: Buffer, start: number, end: number): unknown;
  free(): void;
}

/** The same object if it is such a cipher, otherwise undefined. */
export function chachaCipherOf(made: unknown): ChachaCipherInternals | undefined {
  return typeof made === "object" && made !== null && "_encKeyMain" in made && "_encKeyPktLen" in made
    ? (made as ChachaCipherInternals)
    : undefined;
}

/** The same object if it is such a decipher, otherwise undefined. */
export function chachaDecipherOf(made: unknown): ChachaDecipherInternals | undefined {
  return typeof made === "object" && made !== null && "_decKeyMain" in made && "_decKeyPktLen" in made
    ? (made as ChachaDecipherInternals)
    : undefined;
}

export function protocolOf(client: Ssh2Connection | Client): Ssh2Protocol {
  return (client as unknown as { _protocol: Ssh2Protocol })._protocol;
}

export function channelTableOf(client: Ssh2Connection): ChannelTable {
  return (client as unknown as { _chanMgr: ChannelTable })._chanMgr;
}

export function socketOf(client: Ssh2Connection): unknown {
  return (client as unknown as { _sock: unknown })._sock;
}

export function channelInternals(channel: ServerChannel): ChannelInternals {
  return channel as unknown as ChannelInternals;
}

export function sessionInternals(session: Session): SessionInternals {
  return session as unknown as SessionInternals;
}

/** Message numbers (RFC 4250 section 4.1.2). */
export const messageNumber = {
  disconnect: 1,
  debug: 4,
  serviceRequest: 5,
  extensionInfo: 7,
  keyExchangeInit: 20,
  informationResponse: 61,
  globalRequest: 80,
  requestSuccess: 81,
  requestFailure: 82,
  windowAdjust: 93,
  channelData: 94,
  channelRequest: 98,
} as const;

/** Reasons of SSH_MSG_DISCONNECT (RFC 4250 section 4.2.2). */
export const disconnectReason = {
  protocolError: 2,
  byApplication: 11,
  tooManyConnections: 12,
  noMoreMethods: 14,
} as const;

/** Sends SSH_MSG_DISCONNECT with a text for the person; ssh2's own method sends none. */
export function sendDisconnect(protocol: Ssh2Protocol, reason: number, text: string): void {
  sendPacket(protocol, disconnectBody(reason, text));
}

/** The same as a whole packet in clear text (RFC 4253 section 6), for a client that has not exchanged keys. */
export function disconnectMessage(text: string): Buffer {
  const body = disconnectBody(disconnectReason.tooManyConnections, text);
  const padding = 4 + ((8 - ((5 + body.length + 4) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(1 + body.length + padding, 0);
  head.writeUInt8(padding, 4);
  return Buffer.concat([head, body, Buffer.alloc(padding)]);
}

function disconnectBody(reason: number, text: string): Buffer {
  const words = Buffer.from(text);
  const body = Buffer.alloc(13 + words.length);
  body.writeUInt8(messageNumber.disconnect, 0);
  body.writeUInt32BE(reason, 1);
  body.writeUInt32BE(words.length, 5);
  body.set(words, 9); // and an empty language tag
  return body;
}

/** Sends one message at once, even in the middle of a key exchange. */
export function sendPacket(protocol: Ssh2Protocol, body: Buffer): void {
  const writer = protocol._packetRW.write;
  const start = writer.allocStartKEX;
  const packet = writer.alloc(body.length, true);
  packet.set(body, start);
  protocol._cipher.encrypt(writer.finalize(packet, true));
}

/** A KEXINIT begins with its number and this many random bytes. */
export const kexInitCookieBytes = 16;

/** Has ssh2's servers offer a key exchange that ssh2 does not have; key-exchange.ts provides it. */
export function offerKeyExchange(name: string): void {
  const { SUPPORTED_KEX: supported } = createRequire(import.meta.url)("ssh2/lib/protocol/constants.js") as {
    SUPPORTED_KEX: string[];
  };
  if (!supported.includes(name)) supported.push(name);
}

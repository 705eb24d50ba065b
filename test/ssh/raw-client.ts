/**
 * A client's side of mlkem768x25519-sha256 written from the draft (draft-ietf-sshm-mlkem-hybrid-kex) and RFC 4253 alone, without
 * ssh2: what both get wrong in the same way would otherwise look right. After the exchange it speaks aes256-gcm@openssh.com.
 */
import assert from "node:assert/strict";
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  randomBytes,
  verify,
} from "node:crypto";
import { connect, type Socket } from "node:net";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";

export function text(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The strings that follow each other in a message. */
export function texts(message: Buffer, start: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = start; at + 4 <= message.length;) {
    const end = at + 4 + message.readUInt32BE(at);
    if (end > message.length) break;
    found.push(message.subarray(at + 4, end));
    at = end;
  }
  return found;
}

const ident = "SSH-2.0-test";
const cipher = "aes256-gcm@openssh.com";

function kexInit(exchange: string): Buffer {
  const lists = [exchange, "ssh-ed25519", cipher, cipher, "hmac-sha2-256", "hmac-sha2-256", "none", "none", "", ""];
  return Buffer.concat([Buffer.from([20]), randomBytes(16), ...lists.map(text), Buffer.alloc(5)]);
}

/** What a client sends as its half of the exchange, so that tests can spoil it. */
export type Spoil = (half: Buffer) => Buffer;

export class RawClient implements Disposable {
  readonly socket: Socket;
  /** The server's KEXINIT. */
  serverInit: Buffer = Buffer.alloc(0);
  sessionId: Buffer = Buffer.alloc(0);
  #received = Buffer.alloc(0);
  #wake: (() => void) | undefined;
  #ended = false;
  #keys:
    | { readonly send: Buffer; readonly receive: Buffer; readonly sendNonce: Buffer; readonly receiveNonce: Buffer }
    | undefined;

  constructor(port: number, localAddress?: string) {
    this.socket = connect({ host: "127.0.0.1", port, ...(localAddress === undefined ? {} : { localAddress }) });
    this.socket.on("data", (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake?.();
    });
    this.socket.on("error", () => this.socket.destroy());
    this.socket.on("close", () => {
      this.#ended = true;
      this.#wake?.();
    });
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  /** Exchanges keys; throws when the server's signature or anything else is wrong. */
  async exchange(names: string, spoil: Spoil = (half) => half): Promise<void> {
    this.socket.write(`${ident}\r\n`);
    const theirIdent = await this.#line();
    const ours = kexInit(names);
    this.send(ours);
    this.serverInit = await this.receive();
    const kem = ml_kem768.keygen();
    const curve = generateKeyPairSync("x25519");
    const half = spoil(
      Buffer.concat([kem.publicKey, curve.publicKey.export({ format: "der", type: "spki" }).subarray(-32)]),
    );
    this.send(Buffer.concat([Buffer.from([30]), text(half)]));
    const reply = await this.receive();
    assert.equal(reply[0], 31);
    const [hostKey = Buffer.alloc(0), answer = Buffer.alloc(0), signature = Buffer.alloc(0)] = texts(reply, 1);
    assert.equal(answer.length, 1088 + 32);
    const theirPoint = createPublicKey({
      key: Buffer.concat([Buffer.from("302a300506032b656e032100", "hex"), answer.subarray(1088)]),
      format: "der",
      type: "spki",
    });
    const quantum = ml_kem768.decapsulate(answer.subarray(0, 1088), kem.secretKey);
    const classic = diffieHellman({ privateKey: curve.privateKey, publicKey: theirPoint });
    const secret = text(createHash("sha256").update(quantum).update(classic).digest()); // as a string, not as an mpint
    const hashed = Buffer.concat([
      text(ident),
      text(theirIdent),
      text(ours),
      text(this.serverInit),
      text(hostKey),
      text(half),
      text(answer),
      secret,
    ]);
    const hash = createHash("sha256").update(hashed).digest();
    const [, point = Buffer.alloc(0)] = texts(hostKey, 0);
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: point.toString("base64url") }, format: "jwk" });
    assert.ok(verify(null, hash, key, texts(signature, 0)[1] ?? Buffer.alloc(0)), "the server's signature");
    this.sessionId = hash;
    assert.deepEqual(await this.receive(), Buffer.from([21]));
    this.send(Buffer.from([21]));
    const derive = (letter: string, length: number): Buffer =>
      createHash("sha256").update(secret).update(hash).update(letter).update(hash).digest().subarray(0, length);
    this.#keys = {
      sendNonce: derive("A", 12),
      receiveNonce: derive("B", 12),
      send: derive("C", 32),
      receive: derive("D", 32),
    };
  }

  send(payload: Buffer): void {
    const keys = this.#keys;
    const aligned = (keys ? 0 : 4) + 1 + payload.length;
    let padding = 16 - (aligned % 16);
    if (padding < 4) padding += 16;
    const body = Buffer.concat([Buffer.from([padding]), payload, randomBytes(padding)]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(body.length);
    if (!keys) return void this.socket.write(Buffer.concat([length, body]));
    const seal = createCipheriv("aes-256-gcm", keys.send, keys.sendNonce).setAAD(length);
    this.socket.write(Buffer.concat([length, seal.update(body), seal.final(), seal.getAuthTag()]));
    countUp(keys.sendNonce);
  }

  /** The next message. Throws when the connection has ended. */
  async receive(): Promise<Buffer> {
    const length = await this.#take(4);
    const body = await this.#take(length.readUInt32BE(0));
    const keys = this.#keys;
    if (!keys) return body.subarray(1, body.length - (body[0] ?? 0));
    const open = createDecipheriv("aes-256-gcm", keys.receive, keys.receiveNonce)
      .setAAD(length)
      .setAuthTag(await this.#take(16));
    const clear = Buffer.concat([open.update(body), open.final()]);
    countUp(keys.receiveNonce);
    return clear.subarray(1, clear.length - (clear[0] ?? 0));
  }

  async #line(): Promise<string> {
    for (;;) {
      const end = this.#received.indexOf("\r\n");
      if (end >= 0) return (await this.#take(end + 2)).toString().trimEnd();
      await this.#more();
    }
  }

  async #take(count: number): Promise<Buffer> {
    while (this.#received.length < count) await this.#more();
    const taken = this.#received.subarray(0, count);
    this.#received = this.#received.subarray(count);
    return Buffer.from(taken);
  }

  async #more(): Promise<void> {
    if (this.#ended) throw new Error("the server closed the connection");
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
  }
}

/** The last eight bytes of a nonce count the packets (RFC 5647 section 7.1). */
function countUp(nonce: Buffer): void {
  nonce.writeBigUInt64BE(nonce.readBigUInt64BE(4) + 1n, 4);
}

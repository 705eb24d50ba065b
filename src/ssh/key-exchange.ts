/**
 * What ssh2 lacks in key exchanges: the post-quantum one, mlkem768x25519-sha256 (draft-ietf-sshm-mlkem-hybrid-kex), and
 * an accurate list of the signatures that we accept (RFC 8308).
 *
 * Theory of operation: ssh2 makes the object that exchanges keys where nobody can reach it. So a client's KEXINIT that
 * leads to our exchange is shown to ssh2 under the name of its nearest relative, x25519 with SHA-256. The object that
 * ssh2 makes then gets the true KEXINIT back, which goes into the hash that both sides sign, and our computation in
 * place of its own.
 */
import { createHash, createPublicKey, diffieHellman, generateKeyPairSync } from "node:crypto";
import type { Connection as Ssh2Connection } from "ssh2";
import { acceptedSignatures, hybridKeyExchange } from "./algorithms.ts";
import { encapsulate, encapsulationKeyBytes } from "./ml-kem.ts";
import { kexInitCookieBytes, messageNumber, protocolOf, sendPacket, type KeyExchange } from "./ssh2-internals.ts";
import { wireString } from "./wire-format.ts";

/** An exchange of ssh2 of the same family and hash, of which only the frame is used. */
const stand = "curve25519-sha256";
const x25519KeyBytes = 32;
/** Beginning of a SubjectPublicKeyInfo with an X25519 key (RFC 8410). */
const x25519Head = Buffer.from("302a300506032b656e032100", "hex");

/** Messages of a key exchange method (RFC 4250 section 4.1.2): from the client's first one on, we compute. */
const firstOfMethod = 30;
const lastOfMethod = 49;

/**
 * Adds our exchange to a connection; `begun` is called for each message of an exchange. To be called when ssh2 has read
 * the client's identification line, before guards are put in front of its packet handler.
 */
export function extendKeyExchange(client: Ssh2Connection, begun: () => void): void {
  const protocol = protocolOf(client);
  const around =
    (pass: (payload: Buffer) => unknown) =>
    (payload: Buffer): unknown => {
      const type = payload[0] ?? 0;
      if (type >= firstOfMethod && type <= lastOfMethod) begun();
      if (type !== messageNumber.keyExchangeInit) return pass(payload);
      const before = protocol._kex;
      const shown = isHybrid(payload, protocol._offer.lists.kex.array) ? renamed(payload) : payload;
      const result = pass(shown);
      const exchange = protocol._kex;
      if (!exchange || exchange === before) return result; // malformed: ssh2 has ended it
      if (shown !== payload) makeHybrid(exchange, payload);
      if (before === undefined && exchange.remoteExtInfoEnabled)
        client.once("handshake", () => sendPacket(protocol, signatureList()));
      exchange.remoteExtInfoEnabled = false; // ssh2's own list promises what we refuse, and lacks a comma
      return result;
    };
  protocol._decipher._onPayload = around(protocol._decipher._onPayload); // the first exchange
  protocol._onPayload = around(protocol._onPayload); // all later ones
}

/**
 * Whether both sides agree on our exchange: the client's first name that the server knows, too (RFC 4253 section 7.1).
 */
function isHybrid(payload: Buffer, offered: readonly string[]): boolean {
  return namesOf(payload)?.find((name) => offered.includes(name)) === hybridKeyExchange;
}

/** Names of the client's key exchanges; undefined for a malformed packet. */
function namesOf(payload: Buffer): readonly string[] | undefined {
  if (payload.length < kexInitCookieBytes + 5) return undefined;
  const start = kexInitCookieBytes + 5;
  const end = start + payload.readUInt32BE(kexInitCookieBytes + 1);
  return end > payload.length ? undefined : payload.subarray(start, end).toString("latin1").split(",");
}

/** The same KEXINIT with the relative's name in place of ours; also where it comes later, which changes nothing. */
function renamed(payload: Buffer): Buffer {
  const start = kexInitCookieBytes + 1;
  const names = namesOf(payload) ?? [];
  const list = Buffer.from(names.map((name) => (name === hybridKeyExchange ? stand : name)).join(","), "latin1");
  return Buffer.concat([
    payload.subarray(0, start),
    wireString(list),
    payload.subarray(start + 4 + payload.readUInt32BE(start)),
  ]);
}

function makeHybrid(exchange: KeyExchange, kexInit: Buffer): void {
  let reply: Buffer | undefined;
  exchange.negotiated.kex = hybridKeyExchange;
  exchange._remoteKexinit = Buffer.from(kexInit); // the packet's buffer is ssh2's to reuse
  exchange.generateKeys = () => undefined;
  exchange.convertPublicKey = (key) => key;
  exchange.computeSecret = (fromClient) => {
    try {
      const answer = answerHybrid(fromClient);
      reply = answer.reply;
      return answer.secret;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
  // ssh2 asks for it after it has asked for the secret.
  exchange.getPublicKey = () => reply;
}

/**
 * The server's side of the exchange: its answer (S_REPLY), and the secret, which is hashed as a string and not as a
 * number.
 */
export function answerHybrid(fromClient: Buffer): { readonly reply: Buffer; readonly secret: Buffer } {
  if (fromClient.length !== encapsulationKeyBytes + x25519KeyBytes)
    throw new Error(`a key of ${fromClient.length} bytes`);
  const { ciphertext, secret: quantum } = encapsulate(fromClient.subarray(0, encapsulationKeyBytes));
  const { publicKey, privateKey } = generateKeyPairSync("x25519");
  const theirs = createPublicKey({
    key: Buffer.concat([x25519Head, fromClient.subarray(encapsulationKeyBytes)]),
    format: "der",
    type: "spki",
  });
  const classic = diffieHellman({ privateKey, publicKey: theirs }); // throws for a point that makes the secret zero
  const ours = publicKey.export({ format: "der", type: "spki" }).subarray(x25519Head.length);
  return {
    reply: Buffer.concat([ciphertext, ours]),
    secret: createHash("sha256").update(quantum).update(classic).digest(),
  };
}

/**
 * SSH_MSG_EXT_INFO with server-sig-algs, by which clients choose the key, and the kind of RSA signature, that they try.
 */
function signatureList(): Buffer {
  return Buffer.concat([
    Buffer.from([messageNumber.extensionInfo, 0, 0, 0, 1]),
    wireString("server-sig-algs"),
    wireString(acceptedSignatures.join(",")),
  ]);
}

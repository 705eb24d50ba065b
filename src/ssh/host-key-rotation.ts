/**
 * Changes the host key without a warning to anybody (OpenSSH's PROTOCOL, section 2.5): after a login the client is told
 * all keys that the server has, including the one that will be used later, asks for a proof of those that it does not
 * know, and stores them.
 */
import type { Connection as Ssh2Connection } from "ssh2";
import type { HostKey } from "./host-keys.ts";
import { messageNumber, protocolOf, sendPacket, type Ssh2Protocol } from "./ssh2-internals.ts";
import { wireString, readFields } from "./wire-format.ts";

const announcement = "hostkeys-00@openssh.com";
const question = "hostkeys-prove-00@openssh.com";
/** Proofs for one client, which asks once; each answer costs a signature for each key. */
const maxProofs = 10;

/** Tells a client that has logged in which keys there are. */
export function announceHostKeys(client: Ssh2Connection, keys: readonly HostKey[]): void {
  const protocol = protocolOf(client);
  const body = Buffer.concat([
    Buffer.from([messageNumber.globalRequest]),
    wireString(announcement),
    Buffer.from([0]),
    ...keys.map(({ blob }) => wireString(blob)),
  ]);
  // During a key exchange, nothing but the exchange may be sent.
  if (protocol._kexinit === undefined) sendPacket(protocol, body);
  else client.once("handshake", () => sendPacket(protocol, body));
}

/**
 * A function that answers a client's packets which ask for a proof; its false leaves a packet to others. For one
 * connection.
 */
export function hostKeyProver(protocol: Ssh2Protocol, keys: readonly HostKey[]): (payload: Buffer) => boolean {
  let proofs = 0;
  return (payload) => {
    const name = wireString(question);
    if (payload[0] !== messageNumber.globalRequest || !payload.subarray(1, 1 + name.length).equals(name)) return false;
    const sessionId = protocol._kex?.sessionID;
    const wantsReply = payload[1 + name.length] === 1;
    if (!wantsReply || !sessionId || proofs >= maxProofs) return false; // ssh2 refuses it
    proofs += 1;
    const asked = readFields(payload.subarray(2 + name.length), keys.length) ?? [];
    const known = asked.map((blob) => keys.find((key) => key.blob.equals(blob)));
    if (asked.length === 0 || known.includes(undefined)) return false;
    const proofsOf = known.flatMap((key) =>
      key ? [wireString(key.sign(Buffer.concat([name, wireString(sessionId), wireString(key.blob)])))] : [],
    );
    protocol.requestSuccess(Buffer.concat(proofsOf));
    return true;
  };
}

/**
 * The terminal modes in a request for a pty (RFC 4254 sections 6.2 and 8). ssh2 1.17.0 skips the first byte of the list
 * and then takes it for an empty one, so it is read here.
 */
import { messageNumber } from "./ssh2-internals.ts";

const eraseMode = 3;
/** Modes from 1 to this one have a number of four bytes; others end the list. */
const lastNumbered = 159;

/** What a request for a pty says about the keyboard. */
export interface PtyRequest {
  /** Our number of the channel. */
  readonly channel: number;
  /** The byte that the Backspace key sends (VERASE); undefined when the client does not say. */
  readonly erase: number | undefined;
}

/** The request in a packet; undefined for any other packet, and for a malformed one. */
export function readPtyRequest(payload: Buffer): PtyRequest | undefined {
  if (payload[0] !== messageNumber.channelRequest || payload.length < 5) return undefined;
  const type = stringAt(payload, 5);
  if (type?.bytes.toString("latin1") !== "pty-req") return undefined;
  const term = stringAt(payload, type.end + 1);
  const modes = term && stringAt(payload, term.end + 16);
  return modes && { channel: payload.readUInt32BE(1), erase: eraseIn(modes.bytes) };
}

function eraseIn(modes: Buffer): number | undefined {
  for (let at = 0; at + 5 <= modes.length; at += 5) {
    const mode = modes[at] ?? 0;
    if (mode < 1 || mode > lastNumbered) return undefined;
    const value = modes.readUInt32BE(at + 1);
    // 255 is "no such key" in every system's modes.
    if (mode === eraseMode) return value > 0 && value < 255 ? value : undefined;
  }
  return undefined;
}

function stringAt(payload: Buffer, at: number): { readonly bytes: Buffer; readonly end: number } | undefined {
  if (at + 4 > payload.length) return undefined;
  const end = at + 4 + payload.readUInt32BE(at);
  return end > payload.length ? undefined : { bytes: payload.subarray(at + 4, end), end };
}

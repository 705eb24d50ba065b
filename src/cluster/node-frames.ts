/** The frames of a stream between two nodes: one byte for the kind, four for the length, then the payload. */
import type { Duplex } from "node:stream";
import type { FrameFormat } from "../base/frame-reader.ts";

/** Kinds of frames. */
export const nodeFrameKind = {
  /** From the node with the person's connection: a `Hello` as JSON. Always the first. */
  hello: 1,
  input: 2,
  /** Size of the terminal, as JSON. */
  resize: 3,
  /** Number of bytes of output that have arrived at the person's side, in four bytes. */
  arrived: 4,
  /** The node with the person's connection ends: the screen is to show this reason, and leave. */
  dismiss: 5,
  /** From the node with the session: it takes the terminal, or "gone" because it has no such session. */
  accepted: 16,
  gone: 17,
  output: 18,
  pause: 19,
  resume: 20,
  /** Exit status with which the terminal is to be closed, in four bytes. Always the last. */
  close: 21,
} as const;

export type NodeFrameKind = (typeof nodeFrameKind)[keyof typeof nodeFrameKind];

/** A frame. */
export interface NodeFrame {
  readonly kind: number;
  readonly payload: Buffer;
}

const headBytes = 5;
/** Bound of a payload: a terminal never sends more at once. */
const maxPayload = 1 << 20;

/** Writes a frame; false when the stream is full until it drains. */
export function sendFrame(stream: Duplex, kind: NodeFrameKind, payload: Buffer = Buffer.alloc(0)): boolean {
  if (stream.destroyed || stream.writableEnded) return true;
  let room = true;
  for (let at = 0; at === 0 || at < payload.length; at += maxPayload) {
    const part = payload.subarray(at, at + maxPayload);
    const head = Buffer.alloc(headBytes);
    head.writeUInt8(kind, 0);
    head.writeUInt32BE(part.length, 1);
    room = stream.write(Buffer.concat([head, part]));
  }
  return room;
}

/** Writes a frame with a number in four bytes. */
export function sendNumber(stream: Duplex, kind: NodeFrameKind, number: number): void {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(number);
  sendFrame(stream, kind, payload);
}

/** The number in a frame. */
export function numberIn({ payload }: NodeFrame): number {
  return payload.length === 4 ? payload.readUInt32BE(0) : 0;
}

/** The format of frames. */
export const nodeFrames: FrameFormat<NodeFrame> = {
  headBytes,
  readHead(head) {
    const kind = head.readUInt8(0);
    const length = head.readUInt32BE(1);
    if (length > maxPayload) throw new Error("a frame is too long");
    return { length, frame: (payload) => ({ kind, payload }) };
  },
};

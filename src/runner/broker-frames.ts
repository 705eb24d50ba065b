import type { FrameFormat } from "../base/frame-reader.ts";
import { brokerFrameKind, maxFrame, type BrokerFrameKind } from "./protocol.ts";

const headerBytes = 9;

/** A frame between server and broker. */
export interface BrokerFrame {
  readonly kind: BrokerFrameKind;
  readonly jail: number;
  readonly payload: Buffer;
}

/** Bytes of a frame. */
export function encodeFrame(kind: BrokerFrameKind, jail: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeUInt8(kind, 4);
  frame.writeUInt32LE(jail, 5);
  payload.copy(frame, headerBytes);
  return frame;
}

/** Bytes of a frame with a JSON message. */
export function encodeMessage(jail: number, message: object): Buffer {
  return encodeFrame(brokerFrameKind.message, jail, Buffer.from(JSON.stringify(message)));
}

/** The format of frames; see protocol.ts. */
export const brokerFrames: FrameFormat<BrokerFrame> = {
  headBytes: headerBytes,
  readHead(head) {
    const length = head.readUInt32LE(0);
    const kind = head.readUInt8(4);
    if (length > maxFrame || !isKind(kind)) throw new Error(`bad frame: kind ${kind}, ${length} bytes`);
    const jail = head.readUInt32LE(5);
    return { length, frame: (payload) => ({ kind, jail, payload }) };
  },
};

function isKind(kind: number): kind is BrokerFrameKind {
  return Object.values(brokerFrameKind).some((known) => known === kind);
}

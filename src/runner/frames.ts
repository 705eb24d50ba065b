import { frameKind, largestFrame, type FrameKind } from "./protocol.ts";

const headerBytes = 9;

export interface Frame {
  readonly kind: FrameKind;
  readonly jail: number;
  readonly payload: Buffer;
}

export function encodeFrame(kind: FrameKind, jail: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(headerBytes + payload.length);
  frame.writeUInt32LE(payload.length, 0);
  frame.writeUInt8(kind, 4);
  frame.writeUInt32LE(jail, 5);
  payload.copy(frame, headerBytes);
  return frame;
}

export function encodeMessage(jail: number, message: object): Buffer {
  return encodeFrame(frameKind.message, jail, Buffer.from(JSON.stringify(message)));
}

/** Puts frames together again from chunks of any size. Throws on a frame that no honest side sends. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  read(chunk: Buffer): Frame[] {
    const data = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const frames: Frame[] = [];
    let at = 0;
    while (data.length - at >= headerBytes) {
      const length = data.readUInt32LE(at);
      const kind = data.readUInt8(at + 4);
      if (length > largestFrame || !isKind(kind)) throw new Error(`bad frame: kind ${kind}, ${length} bytes`);
      if (data.length - at < headerBytes + length) break;
      const start = at + headerBytes;
      frames.push({ kind, jail: data.readUInt32LE(at + 5), payload: data.subarray(start, start + length) });
      at = start + length;
    }
    this.#rest = data.subarray(at);
    return frames;
  }
}

function isKind(kind: number): kind is FrameKind {
  return Object.values(frameKind).some((known) => known === kind);
}

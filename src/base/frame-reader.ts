/** How a stream is cut into frames: a head of fixed size that gives the payload's length, then the payload. */
export interface FrameFormat<Frame> {
  readonly headBytes: number;
  /** The payload's length in bytes, and how to make a frame of it. Throws for a head that no honest side sends. */
  readHead(head: Buffer): { readonly length: number; readonly frame: (payload: Buffer) => Frame };
}

/** Frames put together from chunks of any size. */
export class FrameReader<Frame> {
  readonly #format: FrameFormat<Frame>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(format: FrameFormat<Frame>) {
    this.#format = format;
  }

  /** The frames that `chunk` completes. Throws what `readHead` throws; the stream is then useless. */
  read(chunk: Buffer): Frame[] {
    const { headBytes } = this.#format;
    const frames: Frame[] = [];
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= headBytes) {
      const { length, frame } = this.#format.readHead(bytes.subarray(0, headBytes));
      const end = headBytes + length;
      if (bytes.length < end) break;
      frames.push(frame(bytes.subarray(headBytes, end)));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
    return frames;
  }
}

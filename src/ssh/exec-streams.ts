/** Standard input, output and error of a command, as Node.js streams over one channel. */
import { Readable, Writable } from "node:stream";
import type { ChannelInput } from "./channel-input.ts";
import type { ChannelOutput } from "./channel-output.ts";

/** What the client sends. Nothing is read from it before somebody reads this. */
export function inputStream(input: ChannelInput): Readable {
  const stream: Readable = new Readable({
    read() {
      if (input.started) input.resume();
      else input.start(receive, () => stream.push(null));
    },
    destroy(error, callback) {
      input.discard(); // as when the reading end of a pipe is closed: the client must not wait for a reader
      callback(error);
    },
  });
  const receive = (bytes: Buffer): void => {
    if (!stream.push(bytes)) input.pause();
  };
  return stream;
}

/** Bytes of a command that may be on their way before its writes wait. */
const highWaterMark = 64 << 10;

/** Standard output or error. On a pty, lines end in CR LF, as the terminal driver would make them. */
export function outputStream(output: ChannelOutput, kind: "output" | "error", onPty: boolean): Writable {
  let last = 0;
  const stream = new Writable({
    highWaterMark,
    decodeStrings: true,
    write(bytes: Buffer, _encoding, done) {
      const sent = onPty ? withCarriageReturns(bytes, last) : bytes;
      last = bytes[bytes.length - 1] ?? last;
      output.send(onPty ? "output" : kind, sent, () => done());
    },
  });
  // Writing after the end is the command's mistake, and harmless here; without a listener it would end the process.
  stream.on("error", () => stream.destroy());
  return stream;
}

/** `before` is the last byte written: a CR LF may be split between two writes. */
function withCarriageReturns(bytes: Buffer, before: number): Buffer {
  if (!bytes.includes("\n")) return bytes;
  const text = bytes.toString("latin1"); // one character for each byte, whatever the encoding
  const split = before === 13 && text.startsWith("\n");
  const converted = (split ? text.slice(1) : text).replaceAll(/(?<!\r)\n/g, "\r\n");
  return Buffer.from(split ? `\n${converted}` : converted, "latin1");
}

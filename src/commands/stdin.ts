import type { Readable } from "node:stream";
import { UserError } from "../base/errors.ts";

/** Reads text to the end of the stream, at most `maxBytes`. Throws `too-large` beyond. */
export async function readText(stdin: Readable, maxBytes: number): Promise<string> {
  return (await readBytes(stdin, maxBytes)).toString("utf8");
}

/** Reads bytes to the end of the stream, at most `maxBytes`. Throws `too-large` beyond. */
export async function readBytes(stdin: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    size += bytes.length;
    if (size > maxBytes)
      throw new UserError("too-large", "standard input is too long", `The limit is ${maxBytes} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads up to `count` lines and no further, without their line ends (LF, CR or CRLF). Throws for a line of over 4096
 * bytes.
 */
export async function readLines(stdin: Readable, count: number): Promise<readonly string[]> {
  let text = "";
  for await (const chunk of stdin) {
    text += String(chunk);
    const lines = text.split(/\r\n|\r|\n/);
    if (lines.length > count) return lines.slice(0, count);
    if ((lines.at(-1) ?? "").length > 4096)
      throw new UserError("too-large", "this line is too long", "The limit is 4096 bytes.");
  }
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

import { calls } from "./descriptor.ts";

/**
 * Content of an open file; reading stops after `max` + 1 bytes, so that the caller can tell that there is more. `size`
 * is what the file was said to have: a hint, since a program may be writing to it.
 */
export async function readWhole(fd: number, size: number, maxBytes: number): Promise<Buffer> {
  let buffer = Buffer.allocUnsafeSlow(Math.min(size, maxBytes) + 1); // one more, to see the end without growing
  for (let length = 0; ;) {
    const { bytesRead } = await calls.read(fd, buffer, length, buffer.length - length, length);
    length += bytesRead;
    if (bytesRead === 0 || length > maxBytes) return buffer.subarray(0, length);
    if (length === buffer.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(buffer.length * 2, maxBytes + 1));
      buffer.copy(grown);
      buffer = grown;
    }
  }
}

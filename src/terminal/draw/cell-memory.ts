/**
 * Memory of large grids, kept for reuse. It lies outside V8's heap, and V8 collects all garbage each time a certain
 * amount of such memory has been allocated: ten people who resized large windows made everybody wait for 20 to 80 ms,
 * twice a second (`bench -- attack`).
 */

/** Smallest buffer that is kept, in bytes. */
const minKept = 128 << 10;
/** Most buffers that are kept; the largest that a grid may need is 1.3 MB. */
const maxBuffers = 8;

const spare: ArrayBuffer[] = [];

/** A buffer of at minKept `bytes` bytes. Its content is undefined: a reused buffer is not cleared. */
export function takeCellMemory(bytes: number): ArrayBuffer {
  if (bytes >= minKept) {
    const index = spare.findIndex(({ byteLength }) => byteLength >= bytes && byteLength <= bytes * 2);
    const [found] = index < 0 ? [] : spare.splice(index, 1);
    if (found) return found;
  }
  return new ArrayBuffer(bytes);
}

/** Returns a buffer that nothing uses any more. */
export function giveCellMemory(memory: ArrayBuffer): void {
  if (memory.byteLength < minKept) return;
  spare.push(memory);
  if (spare.length > maxBuffers) spare.shift();
}

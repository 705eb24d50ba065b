/**
 * The memory of large grids, used again. It lies outside of V8's heap, and V8 collects all of its garbage each time that so much of it
 * was given out: ten people who drag their large windows about had everybody wait for 20 to 80 ms, twice a second (`bench -- attack`).
 */

/** Bytes below which memory is not worth keeping. */
const least = 128 << 10;
/** So many pieces are kept; the largest that a grid may need is 1.3 MB. */
const most = 8;

const spare: ArrayBuffer[] = [];

/** Memory of at least so many bytes; what is in it is left from before. */
export function takeCellMemory(bytes: number): ArrayBuffer {
  if (bytes >= least) {
    const index = spare.findIndex(({ byteLength }) => byteLength >= bytes && byteLength <= bytes * 2);
    const [found] = index < 0 ? [] : spare.splice(index, 1);
    if (found) return found;
  }
  return new ArrayBuffer(bytes);
}

/** Gives memory back that nothing uses any more. */
export function giveCellMemory(memory: ArrayBuffer): void {
  if (memory.byteLength < least) return;
  spare.push(memory);
  if (spare.length > most) spare.shift();
}

/** PNG files of every kind, made by hand. */
import { crc32, deflateSync } from "node:zlib";

/** A chunk of a file. */
export function chunk(name: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length, 0);
  head.write(name, 4, "latin1");
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(Buffer.concat([head.subarray(4), content])));
  return Buffer.concat([head, content, sum]);
}

/** What a file is like. */
export interface Kind {
  readonly kind: number;
  readonly depth: number;
  readonly interlaced?: boolean;
  readonly transparent?: Buffer;
}

const channels: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const passes = (interlaced: boolean): readonly (readonly [number, number, number, number])[] =>
  interlaced
    ? [
        [0, 0, 8, 8],
        [4, 0, 8, 8],
        [0, 4, 4, 8],
        [2, 0, 4, 4],
        [0, 2, 2, 4],
        [1, 0, 2, 2],
        [0, 1, 1, 2],
      ]
    : [[0, 0, 1, 1]];

/** A file whose samples are numbers that repeat, with a different filter for each row. */
export function png({ kind, depth, interlaced = false, transparent }: Kind, size: readonly [number, number]): Buffer {
  const [wide, high] = size;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(wide, 0);
  header.writeUInt32BE(high, 4);
  header.set([depth, kind, 0, 0, interlaced ? 1 : 0], 8);
  const count = channels[kind] ?? 1;
  const rows: Buffer[] = [];
  let filter = 0;
  for (const [column, row, columns, lines] of passes(interlaced)) {
    const across = Math.ceil((wide - column) / columns);
    const down = Math.ceil((high - row) / lines);
    if (across <= 0) continue;
    const bytes = Math.ceil((across * count * depth) / 8);
    for (let line = 0; line < down; line++) {
      const content = Buffer.alloc(bytes + 1);
      content[0] = filter++ % 5;
      // Filtered bytes may be anything at all: what they mean is the same for every reader.
      for (let at = 1; at <= bytes; at++)
        content[at] = (at * 31 + line * 7 + row * 3 + column) & (kind === 3 ? 0x33 : 0xff);
      rows.push(content);
    }
  }
  const palette = Buffer.from(Array.from({ length: 256 * 3 }, (_, at) => (at * 53) & 0xff));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    ...(kind === 3 ? [chunk("PLTE", palette.subarray(0, Math.min(256, 1 << depth) * 3))] : []),
    ...(transparent ? [chunk("tRNS", transparent)] : []),
    chunk("tEXt", Buffer.from("Comment\0nothing")),
    ...[0, 1].map((half) => {
      const data = deflateSync(Buffer.concat(rows));
      return chunk("IDAT", half === 0 ? data.subarray(0, 20) : data.subarray(20));
    }),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

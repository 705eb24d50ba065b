/**
 * Reads PNG files (W3C, "Portable Network Graphics", third edition): every colour type and depth, interlaced or not. A
 * file may be made to hurt: its sizes are looked at before anything is taken apart, which has a bound as well, and the
 * picture is made smaller row by row, so that it is never whole in memory. For a thread: it takes a while.
 */
import { inflateSync } from "node:zlib";
import { UserError } from "../base/errors.ts";

/** A picture as colours: three bytes for each pixel, row by row. */
export interface Colours {
  readonly width: number;
  readonly height: number;
  readonly colours: Uint8Array;
}

/** Most pixels, and most bytes of them before they are made smaller. */
const maxPixels = 16_000_000;
const maxBytes = 64 << 20;

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly channels: number;
  readonly kind: number;
  readonly interlaced: boolean;
}

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
/** Channels by colour type: grey, colour, palette, grey with opacity, colour with opacity. */
const channelsOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const depthsOf: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Columns and rows of the passes of an interlaced picture: where each begins, and its steps. */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;
const whole = [[0, 0, 1, 1]] as const;

/**
 * The picture of a file, made smaller where it is larger than `maxWidth` by `maxHeight`, on white where it is
 * transparent. Throws a UserError for what is no picture, or one that is too large.
 */
export function readPng(file: Buffer, maxWidth: number, maxHeight: number): Colours {
  const { header, palette, opacities, data } = chunksOf(file);
  const passes = (header.interlaced ? adam7 : whole).map(([column, row, columns, rows]) => ({
    column,
    row,
    columns,
    rows,
    width: Math.ceil((header.width - column) / columns),
    height: Math.ceil((header.height - row) / rows),
  }));
  const rowBytes = (width: number): number => Math.ceil((width * header.channels * header.depth) / 8);
  const length = passes.reduce(
    (sum, { width, height }) => sum + (width > 0 ? Math.max(0, height) * (1 + rowBytes(width)) : 0),
    0,
  );
  if (length > maxBytes) throw tooLarge(header);
  const bytes = takeApart(data, length);
  const target = new Shrinking(header, maxWidth, maxHeight);
  const read = pixelReader(header, palette, opacities);
  let at = 0;
  for (const pass of passes) {
    if (pass.width <= 0 || pass.height <= 0) continue;
    const size = rowBytes(pass.width);
    let before: Buffer = Buffer.alloc(size);
    for (let line = 0; line < pass.height; line++, at += size + 1) {
      const row = bytes.subarray(at + 1, at + 1 + size);
      unfilter(bytes[at] ?? 0, row, before, Math.max(1, (header.channels * header.depth) >> 3));
      before = row;
      const y = pass.row + line * pass.rows;
      for (let index = 0; index < pass.width; index++) {
        read(row, index);
        target.add(pass.column + index * pass.columns, y, read.colour);
      }
    }
  }
  return target.result();
}

function broken(): UserError {
  return new UserError("not-a-file", "this is no PNG picture, or it is damaged", "Save it as PNG again.");
}

function tooLarge({ width, height }: Pick<Header, "width" | "height">): UserError {
  const size = `${width.toLocaleString("en")} by ${height.toLocaleString("en")}`;
  return new UserError("too-large", `a picture of ${size} pixels is too large to be shown`, "Make it smaller first.");
}

interface Chunks {
  readonly header: Header;
  readonly palette: Buffer;
  readonly opacities: Buffer;
  readonly data: readonly Buffer[];
}

function chunksOf(file: Buffer): Chunks {
  if (!file.subarray(0, 8).equals(signature) || file.toString("latin1", 12, 16) !== "IHDR" || file.length < 33)
    throw broken();
  const header = headerOf(file.subarray(16, 29));
  let palette: Buffer = Buffer.alloc(0);
  let opacities: Buffer = Buffer.alloc(0);
  const data: Buffer[] = [];
  for (let at = 33; at + 8 <= file.length;) {
    const length = file.readUInt32BE(at);
    const name = file.toString("latin1", at + 4, at + 8);
    const content = file.subarray(at + 8, at + 8 + length);
    if (name === "PLTE") palette = content;
    else if (name === "tRNS") opacities = content;
    else if (name === "IDAT") data.push(content);
    else if (name === "IEND") break;
    at += 12 + length;
  }
  return { header, palette, opacities, data };
}

function headerOf(bytes: Buffer): Header {
  const [width, height] = [bytes.readUInt32BE(0), bytes.readUInt32BE(4)];
  const [depth = 0, kind = 0, compression, filter, interlace = 0] = bytes.subarray(8);
  const channels = channelsOf[kind];
  const isKnown = channels !== undefined && depthsOf[kind]?.includes(depth) && compression === 0 && filter === 0;
  if (!isKnown || interlace > 1 || width === 0 || height === 0) throw broken();
  if (width * height > maxPixels) throw tooLarge({ width, height });
  return { width, height, depth, channels, kind, interlaced: interlace === 1 };
}

function takeApart(data: readonly Buffer[], length: number): Buffer {
  try {
    const bytes = inflateSync(Buffer.concat(data), { maxOutputLength: length });
    if (bytes.length === length) return bytes;
  } catch {
    // Damaged, or more than its sizes say: both are told in the same words.
  }
  throw broken();
}

/** Undoes the filter of a row in place; `step` bytes before a byte is the same part of the pixel before. */
function unfilter(filter: number, row: Buffer, above: Buffer, step: number): void {
  for (let at = 0; at < row.length; at++) {
    const left = at < step ? 0 : (row[at - step] ?? 0);
    const up = above[at] ?? 0;
    const corner = at < step ? 0 : (above[at - step] ?? 0);
    row[at] = (row[at] ?? 0) + predicted(filter, left, up, corner);
  }
}

// oxlint-disable-next-line max-params -- for each byte of a picture
function predicted(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 0:
      return 0;
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    case 4: {
      const [byLeft, byUp, byCorner] = [
        Math.abs(up - corner),
        Math.abs(left - corner),
        Math.abs(left + up - 2 * corner),
      ];
      return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
    }
    default:
      throw broken();
  }
}

interface PixelReader {
  (row: Buffer, index: number): void;
  /** The colour that was read last: red, green, blue. */
  readonly colour: Uint8Array;
}

function pixelReader(header: Header, palette: Buffer, opacities: Buffer): PixelReader {
  const { kind, channels, depth } = header;
  const colour = new Uint8Array(3);
  const isColour = kind === 2 || kind === 6;
  const highest = depth === 16 ? 0xffff : (1 << depth) - 1;
  const transparent =
    kind === 0 || kind === 2 ? [...Array(opacities.length >> 1)].map((_, at) => opacities.readUInt16BE(at * 2)) : [];
  const read = (row: Buffer, index: number): void => {
    const sample = (channel: number): number => sampleOf(row, index * channels + channel, depth);
    if (kind === 3) {
      const entry = sample(0);
      for (let part = 0; part < 3; part++)
        colour[part] = onWhite(palette[entry * 3 + part] ?? 0, opacities[entry] ?? 255);
      return;
    }
    const isSeen = transparent.length === 0 || transparent.some((value, channel) => sample(channel) !== value);
    const opacity = kind === 4 || kind === 6 ? (sample(channels - 1) * 255) / highest : isSeen ? 255 : 0;
    for (let part = 0; part < 3; part++) colour[part] = onWhite((sample(isColour ? part : 0) * 255) / highest, opacity);
  };
  return Object.assign(read, { colour });
}

function sampleOf(row: Buffer, index: number, depth: number): number {
  if (depth === 8) return row[index] ?? 0;
  if (depth === 16) return ((row[index * 2] ?? 0) << 8) | (row[index * 2 + 1] ?? 0);
  const bit = index * depth;
  return ((row[bit >> 3] ?? 0) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

function onWhite(value: number, opacity: number): number {
  return Math.round((value * opacity + 255 * (255 - opacity)) / 255);
}

/** Adds up pixels, which may come in any order, in a picture that is as large as wanted. */
class Shrinking {
  readonly #width: number;
  readonly #height: number;
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;
  readonly #byColumn: Uint32Array;
  readonly #byRow: Uint32Array;

  constructor({ width, height }: Header, maxWidth: number, maxHeight: number) {
    const scale = Math.min(1, maxWidth / width, maxHeight / height);
    this.#width = Math.max(1, Math.round(width * scale));
    this.#height = Math.max(1, Math.round(height * scale));
    this.#sums = new Float64Array(this.#width * this.#height * 3);
    this.#counts = new Uint32Array(this.#width * this.#height);
    this.#byColumn = Uint32Array.from({ length: width }, (_, x) => Math.floor((x * this.#width) / width));
    this.#byRow = Uint32Array.from({ length: height }, (_, y) => Math.floor((y * this.#height) / height));
  }

  add(x: number, y: number, colour: Uint8Array): void {
    const at = (this.#byRow[y] ?? 0) * this.#width + (this.#byColumn[x] ?? 0);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    for (let part = 0; part < 3; part++)
      this.#sums[at * 3 + part] = (this.#sums[at * 3 + part] ?? 0) + (colour[part] ?? 0);
  }

  result(): Colours {
    const colours = this.#sums.map((sum, at) => Math.round(sum / Math.max(1, this.#counts[Math.floor(at / 3)] ?? 1)));
    return { width: this.#width, height: this.#height, colours: Uint8Array.from(colours) };
  }
}

/** PNG files of every kind, compared with what Pillow reads where the machine has it, and files that are made to hurt. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { deflateSync } from "node:zlib";
import { UserError } from "../../src/base/errors.ts";
import { readPng } from "../../src/session/png.ts";
import { chunk, png, type Kind } from "./png-files.ts";

const [width, height] = [13, 11];

/** Reads all files at once: starting Python takes longer than everything else here. */
const pillow = `
import sys, io
from PIL import Image
while head := sys.stdin.buffer.read(4):
    picture = Image.open(io.BytesIO(sys.stdin.buffer.read(int.from_bytes(head, "big"))))
    if picture.mode in ("I", "I;16"):
        picture = picture.point(lambda value: value / 256).convert("L")
    picture = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    sys.stdout.buffer.write(Image.alpha_composite(white, picture).convert("RGB").tobytes())
`;

function readByPillow(files: readonly Buffer[]): Buffer {
  const input = files.flatMap((file) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE(file.length);
    return [head, file];
  });
  return execFileSync("/usr/bin/python3", ["-c", pillow], { input: Buffer.concat(input) });
}

function hasPillow(): boolean {
  try {
    execFileSync("/usr/bin/python3", ["-c", "import PIL"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const kinds: readonly Kind[] = [
  ...[1, 2, 4, 8, 16].map((depth) => ({ kind: 0, depth })),
  ...[8, 16].flatMap((depth) => [2, 4, 6].map((kind) => ({ kind, depth }))),
  ...[1, 2, 4, 8].map((depth) => ({ kind: 3, depth })),
  { kind: 3, depth: 4, transparent: Buffer.from([0, 128, 255]) },
  { kind: 2, depth: 8, transparent: Buffer.from([0, 1, 0, 2, 0, 3]) },
];

describe("PNG pictures", () => {
  it("are read as Pillow reads them, of every type, depth and order", function () {
    if (!hasPillow()) this.skip();
    const all = [false, true].flatMap((interlaced) => kinds.map((kind) => ({ ...kind, interlaced })));
    const wanted = readByPillow(all.map((kind) => png(kind, [width, height])));
    const length = width * height * 3;
    all.forEach((kind, index) => {
      const read = readPng(png(kind, [width, height]), 100, 100);
      assert.deepEqual([read.width, read.height], [width, height]);
      // Pillow cuts what is rounded here, also in what it blends.
      const off = wanted
        .subarray(index * length, (index + 1) * length)
        .reduce((most, value, at) => Math.max(most, Math.abs(value - (read.colours[at] ?? -9))), 0);
      assert.ok(off <= 2, `${off} apart: ${JSON.stringify(kind)}`);
    });
  });

  it("are made smaller in their own proportions, by averages", () => {
    const { width: wide, height: high, colours } = readPng(png({ kind: 2, depth: 8 }, [400, 100]), 80, 80);
    assert.deepEqual([wide, high, colours.length], [80, 20, 4800]);
  });

  it("of any size are refused in a sentence before anything is taken apart", () => {
    const bomb = png({ kind: 2, depth: 8 }, [width, height]);
    bomb.writeUInt32BE(50_000, 16);
    bomb.writeUInt32BE(50_000, 20);
    assert.throws(() => readPng(bomb, 80, 80), {
      message: "a picture of 50,000 by 50,000 pixels is too large to be shown",
    });
    const deep = png({ kind: 6, depth: 16 }, [width, height]);
    deep.writeUInt32BE(4000, 16);
    deep.writeUInt32BE(3900, 20);
    assert.throws(() => readPng(deep, 80, 80), /too large/);
  });

  it("that say one size and have another are damaged, and never taken apart beyond their size", () => {
    const zeros = Buffer.concat([
      png({ kind: 0, depth: 8 }, [width, height]).subarray(0, 33),
      chunk("IDAT", deflateSync(Buffer.alloc(60_000_000))),
    ]);
    assert.throws(() => readPng(zeros, 80, 80), /no PNG picture, or it is damaged/);
  });

  it("that are damaged anywhere are read or refused, never a bug", () => {
    const file = png({ kind: 3, depth: 4, interlaced: true }, [width, height]);
    for (let at = 0; at < file.length; at++) {
      const damaged = Buffer.from(file);
      damaged[at] = (damaged[at] ?? 0) ^ 0x5a;
      for (const bytes of [damaged, file.subarray(0, at)]) {
        try {
          readPng(bytes, 80, 80);
        } catch (error) {
          assert.ok(error instanceof UserError, `${String(error)} at ${at}`);
        }
      }
    }
  });
});

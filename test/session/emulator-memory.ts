/** How much a console keeps of the worst that a program can print, and whether it goes when the console ends. Run with --expose-gc. */
import { createEmulator, parseNow, roomForMarks, scrollbackFor } from "../../src/session/emulator.ts";
import { OutputFilter } from "../../src/session/output-filter.ts";

const gc =
  (globalThis as { readonly gc?: () => void }).gc ??
  (() => {
    throw new Error("run with --expose-gc");
  });
const widest = { columns: 500, rows: 200 };
const ordinary = { columns: 80, rows: 24 };

const worst: readonly (readonly [string, typeof widest, string, number])[] = [
  ["full lines", widest, "x".repeat(500), 230],
  ["a colour for each letter", widest, "\x1b[38;2;1;2;3mx\x1b[48;5;7my".repeat(250), 230],
  ["an underline for each letter", widest, "\x1b[4;58;2;1;2;3mx\x1b[24;59m\x1b[4:3my\x1b[24m".repeat(250), 230],
  ["marks", widest, `a${"\u0301".repeat(10)}`.repeat(500), 230],
  ["marks on wide letters", widest, `\u{20000}${"\u{1d165}".repeat(10)}`.repeat(250), 230],
  ["marks, written over", widest, `\x1b[H${"a\u0301".repeat(500 * 40)}\x1b[H${"b".repeat(500 * 40)}`, 20],
  ["marks on an ordinary screen", ordinary, `a${"\u0301".repeat(10)}`.repeat(80), 540],
  ["a title", ordinary, `\x1b]0;${"t".repeat(100_000)}`, 20],
  [
    "links",
    ordinary,
    Array.from({ length: 100 }, (_, n) => `\x1b]8;;http://example.org/${"l".repeat(1000)}${n}\x1b\\x`).join(""),
    20,
  ],
  ["colours of the palette", ordinary, `\x1b]4;${"1;red;".repeat(500)}\x07`, 20],
  ["both screens", widest, `\x1b[?1049h${"x".repeat(500 * 200)}\x1b[?1049l${"y".repeat(500 * 400)}\x1b[?1049h`, 2],
  ["tab stops, saved cursors", widest, "\x1bH \x1b7\x1b[s".repeat(500), 4],
];

function used(): number {
  gc();
  gc(); // buffers outside of the heap go with the second one
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** In a function of its own, so that nothing of it is left on the stack. */
function draw(
  size: typeof widest,
  output: string,
  times: number,
): { readonly mebibytes: number; readonly references: readonly WeakRef<object>[] } {
  const bytes = Buffer.from(output);
  const before = used();
  const emulator = createEmulator(size);
  const filter = new OutputFilter({
    size,
    scrollback: scrollbackFor(size),
    roomForMarks: () => roomForMarks(emulator),
  });
  for (let turn = 0; turn < times; turn++) {
    for (let at = 0; at < bytes.length || filter.unfinished;) {
      const slice = filter.read(bytes, at, 100_000);
      parseNow(emulator, slice.output);
      at += slice.read;
    }
  }
  const mebibytes = (used() - before) / 2 ** 20;
  const line = emulator.buffer.active.getLine(0);
  emulator.dispose();
  return { mebibytes, references: [new WeakRef(emulator), new WeakRef(filter), ...(line ? [new WeakRef(line)] : [])] };
}

draw(ordinary, "warm", 1);
const results = [];
for (const [name, size, output, times] of worst) {
  const { mebibytes, references } = draw(size, output, times);
  await new Promise((resolve) => setTimeout(resolve, 1)); // a WeakRef holds until the end of the turn
  gc();
  results.push({ name, mebibytes, collected: references.every((reference) => reference.deref() === undefined) });
}
process.stdout.write(JSON.stringify(results));

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import type { SentPicture } from "../../../src/runner/picture-marks.ts";
import { cellsOf } from "../../../src/tui/views/picture-cells.ts";
import { png } from "../../session/png-files.ts";
import { openStage } from "./stage.ts";

/** A picture whose upper half is red and whose lower half is blue. */
function picture(width = 40, height = 40, name = ""): SentPicture {
  const colours = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at++) colours[at * 3 + (at < (width * height) / 2 ? 0 : 2)] = 255;
  return { width, height, name, pixels: deflateSync(colours) };
}

describe("the preview of a picture", () => {
  it("shows what a program shows in half blocks, over the editor, until Escape; typing goes to the program", async () => {
    await using stage = await openStage({ env: { COLORTERM: "truecolor" } });
    const { terminal, python } = stage;
    terminal.press("F4");
    await terminal.wait("Tab Complete");
    python.show(picture());
    await terminal.wait(/PICTURE {2}plt\.show\(\) · 40 x 40 ─+ Esc closes ──/);
    const rows = terminal.screen();
    const first = rows.findIndex((row) => row.includes("▀"));
    const column = (rows[first] ?? "").indexOf("▀");
    assert.deepEqual(terminal.cell(first, column).foreground, "#ff0000");
    const last = rows.findLastIndex((row) => row.includes("▀"));
    assert.deepEqual(terminal.cell(last, column).background, "#0000ff");
    assert.equal(last - first + 1, 12, "as high as the room");
    terminal.input("x");
    await python.hasRead("x");
    terminal.press("Escape");
    await terminal.wait(/1 {2}# Welcome/);
    assert.deepEqual(python.typed, ["x"], "Escape was the preview's");
  });

  it("never covers the editor while somebody types there, and is found in the palette", async () => {
    await using stage = await openStage();
    const { terminal, python } = stage;
    python.show(picture());
    await terminal.wait('"Show the last picture"');
    python.show(picture(20, 20, "line.png"));
    await terminal.wait("The program saved line.png.");
    terminal.press("Ctrl-P");
    await terminal.wait("All commands");
    terminal.input("last picture\r");
    await terminal.wait("saved as line.png (2 of 2)");
    terminal.press("Ctrl-P");
    await terminal.wait("All commands");
    terminal.input("last picture\r");
    await terminal.wait(/plt\.show\(\) \(1 of 2\)/);
    terminal.press("F3");
    await terminal.wait(/1 {2}# Welcome/);
  });

  it("is drawn again at another size, and where editor and console take turns", async () => {
    await using stage = await openStage({ columns: 200, rows: 50 });
    const { terminal, python } = stage;
    terminal.press("F4");
    await terminal.wait("Tab Complete");
    python.show(picture(300, 300));
    await terminal.wait("PICTURE");
    await terminal.wait(/▀{40}/);
    terminal.resizeTo(64, 24);
    await terminal.wait(/^ PICTURE|─ PICTURE/m);
    await terminal.wait(/CONSOLE|▀/);
    terminal.resizeTo(40, 10);
    await terminal.wait(/room|small|larger/i);
    terminal.resizeTo(80, 24);
    await terminal.wait("PICTURE");
    terminal.press("Escape");
    await terminal.wait(/1 {2}# Welcome/);
  });

  it("shows a PNG file at Enter in the list of files, and says what it can't show", async () => {
    await using stage = await openStage();
    const { terminal, home, workbench } = stage;
    await writeFile(join(home, "a.png"), png({ kind: 2, depth: 8 }, [16, 16]));
    await writeFile(join(home, "b.jpg"), "jpeg");
    await writeFile(join(home, "c.png"), "no picture");
    await workbench.tree.refresh();
    terminal.press("F2");
    await terminal.wait("c.png");
    for (let turn = 0; turn < 3; turn++) terminal.press("Up");
    terminal.press("Enter");
    await terminal.wait(/PICTURE {2}a\.png · 16 x 16/);
    terminal.press("Escape");
    await terminal.wait(/1 {2}# Welcome/);
    terminal.press("Down");
    terminal.press("Enter");
    await terminal.wait(/only PNG pictures can/i);
    terminal.press("Down");
    terminal.press("Enter");
    await terminal.wait("This is no PNG picture");
  });

  it("shows the last of several that come at once, and the newest file that was asked for", async () => {
    await using stage = await openStage();
    const { terminal, python, home, workbench } = stage;
    terminal.press("F4");
    await terminal.wait("Tab Complete");
    for (const size of [200, 150, 30]) python.show(picture(size, size));
    await terminal.wait(/plt\.show\(\) \(3 of 3\) · 30 x 30/);
    python.show({ ...picture(), pixels: Buffer.from("nothing") });
    python.show(picture(20, 20));
    await terminal.wait(/plt\.show\(\) \(5 of 5\) · 20 x 20/);
    await writeFile(join(home, "a.png"), png({ kind: 2, depth: 8 }, [16, 16]));
    await writeFile(join(home, "b.png"), png({ kind: 2, depth: 8 }, [8, 8]));
    await workbench.tree.refresh();
    terminal.press("F2");
    await terminal.wait("b.png");
    terminal.press("Up", "Up", "Enter", "Down", "Enter", "Down");
    await terminal.wait(/PICTURE {2}b\.png · 8 x 8/);
  });

  it("takes what a program sends for a picture only when it is one, and shows it to a guest as well", async () => {
    await using stage = await openStage();
    const { terminal, python } = stage;
    const { terminal: guest } = stage.window({ participant: stage.workbench.viewers.guest("Prof. Byron") });
    await guest.wait("CONSOLE");
    terminal.press("F4");
    await terminal.wait("Tab Complete");
    guest.press("F4");
    await guest.wait("Python is ready");
    python.show({ ...picture(), pixels: Buffer.from("nothing") });
    await terminal.wait("no picture");
    python.show(picture());
    await terminal.wait("PICTURE");
    await guest.wait("PICTURE");
    terminal.press("Escape");
    await terminal.wait(/1 {2}# Welcome/);
    assert.match(guest.screen().join("\n"), /PICTURE/);
  });
});

describe("pictures in cells", () => {
  it("keep their proportions in cells that are twice as high as wide, and never grow", () => {
    const colours = new Uint8Array(640 * 480 * 3).fill(255);
    const { columns, rows } = cellsOf({ width: 640, height: 480, colours }, 80, 15);
    assert.deepEqual([columns, rows], [40, 15]);
    const small = cellsOf({ width: 5, height: 3, colours: colours.subarray(0, 45) }, 80, 15);
    assert.deepEqual([small.columns, small.rows], [5, 2]);
    assert.equal(small.styles[5]?.background, undefined, "no lower half below the last row");
  });

  it("show thin lines of a drawing, which an average would wash out", () => {
    const [width, height] = [640, 480];
    const colours = new Uint8Array(width * height * 3).fill(255);
    for (let y = 40; y < 440; y++) colours.fill(0, (y * width + 320) * 3, (y * width + 320) * 3 + 3);
    const { columns, rows, styles } = cellsOf({ width, height, colours }, 40, 15);
    const line = styles[Math.floor(rows / 2) * columns + Math.floor(columns / 2)];
    assert.ok(Number(line?.foreground) - 0x1000000 < 0xb0b0b0, String(line?.foreground));
    assert.equal(styles[0]?.foreground, 0x1ffffff);
  });
});

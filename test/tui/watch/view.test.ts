/** Viewers of ada's screen on terminals in memory. */
import assert from "node:assert/strict";
import { follow, type Corner } from "../../../src/tui/watch/crop.ts";
import { Windows } from "../../../src/tui/watch/windows.ts";
import { eventually } from "../../support/eventually.ts";
import type { FakeTerminal } from "../../support/fake-terminal.ts";
import { openStage } from "../views/stage.ts";
import { attachTo, withScene } from "./scene.ts";

/** What a viewer should see of ada's screen, as text; of a wide character that is cut only a blank. */
function expected(ada: FakeTerminal, { columns, rows }: FakeTerminal["size"], corner: Corner): string[] {
  return Array.from({ length: rows - 1 }, (_, row) => {
    let line = "";
    for (let column = 0; column < columns; column++) {
      const [y, x] = [corner.row + row, corner.column + column];
      if (y >= ada.size.rows || x >= ada.size.columns) break;
      const { text, width } = ada.cell(y, x);
      const isCut = (width === 2 && column === columns - 1) || (width === 0 && column === 0);
      line += isCut ? " " : width === 0 ? "" : text || " ";
    }
    return line.trimEnd();
  });
}

/** Follows the cursor as the viewer does, and compares what it shows. */
function sameAs(ada: FakeTerminal, viewer: FakeTerminal, corner: Corner): boolean {
  const want = expected(ada, viewer.size, corner);
  return want.every((row, index) => row === (viewer.screen()[index] ?? "").trimEnd());
}

/** Waits until the viewer sees what it should; fails with the difference. */
async function sees(viewer: FakeTerminal, ada: FakeTerminal, corner: Corner = start): Promise<void> {
  await eventually(() => sameAs(ada, viewer, corner)).catch(() =>
    assert.deepEqual(viewer.screen().slice(0, viewer.size.rows - 1), expected(ada, viewer.size, corner)),
  );
}

const start: Corner = { row: 0, column: 0 };

describe("a view of somebody's screen", () => {
  it("shows the part around her cursor on a smaller terminal, wide characters cut cleanly", () =>
    withScene(async (scene) => {
      const ada = scene.stage.terminal;
      await using viewer = attachTo(scene, { columns: 41, rows: 12 });
      ada.press("F3", "Ctrl-End", "Enter");
      for (let line = 0; line < 40; line++) ada.input(`# ${line} 漢字かな漢字かな漢字かな漢字かな end${line}\r`);
      await ada.wait(/# 39 漢/);
      ada.press("Up", "End");
      await ada.settled();
      const { row, column } = ada.cursor();
      // The cursor was a row lower before, in the first column: the part moved there and came back to the right only.
      const part = { columns: 41, rows: 11 };
      const corner = follow(
        follow(start, { row: row + 1, column: 30 }, ada.size, part),
        { row, column },
        ada.size,
        part,
      );
      await sees(viewer.terminal, ada, corner);
      assert.ok(
        viewer.terminal.screen().some((line) => line.includes("end39")),
        viewer.terminal.dump(),
      );
    }));

  it("catches up in one frame when it was slow, and does not hold her up", () =>
    withScene(async (scene) => {
      const ada = scene.stage.terminal;
      await using slow = attachTo(scene, { columns: 100, rows: 31 });
      await slow.terminal.wait("Watching Ada");
      slow.terminal.holdAcknowledgements();
      slow.terminal.takeOutput();
      ada.press("F3");
      for (let round = 0; round < 120; round++) {
        ada.input(`print(${round}, "${"x".repeat(60)}")\r`);
        await ada.settled();
      }
      await ada.wait("print(119");
      const bytes = slow.terminal.takeOutput().length;
      assert.ok(bytes < 200_000, `${bytes} bytes to a viewer that reads nothing`);
      slow.terminal.acknowledge();
      await sees(slow.terminal, ada);
    }));

  it("is the same for thirty viewers of all sizes, and one that breaks ends alone", () =>
    withScene(async (scene) => {
      const ada = scene.stage.terminal;
      const viewers = Array.from({ length: 30 }, (_, index) =>
        attachTo(scene, { columns: 100 + index, rows: 31 + index, name: `v${index}` }),
      );
      await ada.wait("30 viewers");
      viewers[7]?.terminal.disconnect();
      await ada.wait("29 viewers");
      ada.press("F3");
      ada.input("# for all of them");
      await ada.wait("# for all of them");
      await eventually(() => viewers.every(({ terminal }, index) => index === 7 || sameAs(ada, terminal, start)));
      for (const viewer of viewers) await viewer[Symbol.asyncDispose]();
      await ada.wait((screen) => !screen[0]?.includes("viewer"));
    }));

  it("keeps what a terminal is asked or told to itself", () =>
    withScene(async (scene) => {
      const ada = scene.stage.terminal;
      await using viewer = attachTo(scene);
      await viewer.terminal.wait("Watching Ada");
      viewer.terminal.takeOutput();
      ada.takeOutput();
      ada.press("F3", "Ctrl-A", "Ctrl-C");
      await eventually(() => ada.takeOutput().includes("\u001B]52;"));
      viewer.terminal.input("\u001B]11;rgb:ffff/ffff/ffff\u0007");
      await viewer.terminal.settled();
      assert.doesNotMatch(viewer.terminal.takeOutput(), /\u001B\]52;/, "her clipboard");
      assert.match(viewer.terminal.title(), /ada@classh, seen by hopper/);
      assert.equal(ada.title(), "ada@classh: welcome.py");
    }));

  it("follows her to the window that she uses", () =>
    withScene(async (scene) => {
      await using viewer = attachTo(scene, { columns: 120, rows: 40 });
      const { terminal: second } = scene.stage.window({ columns: 90, rows: 24 });
      await second.wait(/1 {2}# Welcome/);
      await sees(viewer.terminal, second);
      scene.stage.terminal.press("F3");
      scene.stage.terminal.input("# in the first");
      await sees(viewer.terminal, scene.stage.terminal);
    }));

  it("lets one drive, refuses a second, and whoever may not", () =>
    withScene(async (scene) => {
      const ada = scene.stage.terminal;
      await using first = attachTo(scene, { mode: "drive", name: "first" });
      await ada.wait("F9 or Ctrl-B takes control back");
      await using second = attachTo(scene, { name: "second" });
      await second.terminal.wait("Watching Ada");
      second.terminal.input("d");
      await second.terminal.wait("Somebody else is typing here: Prof. first");
      second.terminal.input(" "); // the sentence was read
      await second.terminal.wait("h Help");
      assert.doesNotMatch(second.terminal.dump(), /d Drive/);
      await using third = attachTo(scene, { mode: "drive", name: "third" });
      await third.terminal.wait("Prof. first is typing here already");
      ada.press("Ctrl-B");
      await first.terminal.wait("Ada took control back.");
      await second.terminal.wait("d Drive");
      assert.deepEqual([first.modes, second.modes, third.modes], [["drive", "watch"], ["watch"], ["watch"]]);
      await using colleague = attachTo(scene, {
        name: "colleague",
        admits: (mode) => mode === "watch" || mode === "look",
      });
      await colleague.terminal.wait("Watching Ada");
      colleague.terminal.input("d");
      await colleague.terminal.wait("You may not drive here");
      colleague.terminal.press("F9");
      await colleague.terminal.wait("Looking around at Ada");
      colleague.terminal.press("F9");
      await colleague.terminal.wait("Watching Ada");
    }));

  it("is not told about in a silent exam, of which she was told, unless it does something", async () => {
    const windows = new Windows();
    await using stage = await openStage({
      columns: 100,
      rows: 30,
      windows,
      announcement: "This is an exam. Your teachers may see your screen.",
    });
    await stage.terminal.wait("This is an exam.");
    stage.terminal.press("Enter");
    await stage.terminal.wait((screen) => !screen.some((row) => row.includes("This is an exam.")));
    await using viewer = attachTo({ stage, windows }, { silent: true });
    await viewer.terminal.wait("Watching Ada");
    stage.terminal.press("F3");
    stage.terminal.input("# alone?");
    await viewer.terminal.wait("# alone?");
    assert.doesNotMatch(stage.terminal.dump(), /viewer|Prof\./);
    viewer.terminal.input("h");
    await stage.terminal.wait("Prof. hopper is helping");
    await stage.terminal.wait("1 viewer");
    viewer.terminal.press("Ctrl-B", "Ctrl-B");
    await viewer.terminal.wait("Watching Ada");
    await stage.terminal.wait((screen) => !screen[0]?.includes("viewer"));
  });
});

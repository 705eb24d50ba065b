/** What a viewer might do to the person, on purpose or by a fault of ours, and what the person reads of it. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { isDeepStrictEqual } from "node:util";
import { Emitter } from "../../../src/base/events.ts";
import type { Message } from "../../../src/classroom/messages.ts";
import type { Seat } from "../../../src/classroom/seat.ts";
import type { Picture } from "../../../src/terminal/compositor.ts";
import { WorkbenchView } from "../../../src/session/workbench-view.ts";
import type { Screen } from "../../../src/terminal/screen.ts";
import { Windows } from "../../../src/tui/watch/windows.ts";
import { eventually } from "../../support/eventually.ts";
import type { FakeTerminal } from "../../support/fake-terminal.ts";
import { attachTo, withScene, type Scene } from "./scene.ts";

describe("a viewer", () => {
  it("finds her half-done personal questions closed when it begins to drive, and can open none", async () => {
    const changed: string[] = [];
    const changePassword = (old: string): Promise<void> => Promise.resolve(void changed.push(old));
    await withScene(
      async (scene) => {
        const ada = scene.stage.terminal;
        await using viewer = attachTo(scene, { columns: 100, rows: 31 });
        await viewer.terminal.wait("Watching Ada");
        ada.press("Ctrl-P");
        await ada.wait("All commands");
        ada.input("Change your password\r");
        await ada.wait("Choose a new password");
        ada.input("her old password");
        viewer.terminal.input("d");
        await viewer.terminal.wait("You type for Ada");
        await ada.wait((screen) => !screen.some((row) => row.includes("Choose a new password")));
        viewer.terminal.press("Tab");
        viewer.terminal.input("a new one of his\ra new one of his\r");
        viewer.terminal.press("Ctrl-P");
        await ada.wait("All commands");
        viewer.terminal.input("Change your password\r");
        await ada.wait("Only the person whose session it is can do that.");
        ada.press("F9");
        await viewer.terminal.wait("Ada took control back.");
        // Something is not saved now, and she was about to leave.
        ada.press("F3");
        ada.input("# hers");
        await ada.wait("# hers");
        ada.press("Ctrl-Q");
        await ada.wait("Not saved yet");
        viewer.terminal.input("d");
        await ada.wait((screen) => !screen.some((row) => row.includes("Not saved yet")));
        viewer.terminal.input("d");
        await ada.wait("# hersd");
        assert.deepEqual(changed, []);
      },
      { changePassword },
    );
  });

  it("clicks nothing of hers under its own line", () =>
    withScene(async (scene) => {
      const ada = scene.stage.terminal;
      await using viewer = attachTo(scene, { mode: "drive" });
      await viewer.terminal.wait("You type for Ada");
      viewer.terminal.press("F3");
      viewer.terminal.mouse("press", 23, 50); // her console is there, further up than on her screen
      viewer.terminal.mouse("release", 23, 50);
      viewer.terminal.input("# in the editor ");
      await ada.wait("# in the editor");
      viewer.terminal.mouse("press", 20, 50);
      viewer.terminal.mouse("release", 20, 50);
      viewer.terminal.input("in the console");
      await scene.stage.python.hasRead("in the console");
    }));

  it("reads on its own screen what is written to it, over what it sees, and it takes no key", () =>
    withScene(async (scene) => {
      const arrived = new Emitter<Message>();
      const classSeat = { onMessage: arrived.on } as Seat;
      await using viewer = attachTo(scene, { classSeat });
      await viewer.terminal.wait("Watching Ada");
      const message = { senderName: "Grace", sender: "grace", text: "please come \u001B[31mhere" } as Message;
      arrived.emit(message);
      await viewer.terminal.wait("Grace: please come");
      assert.doesNotMatch(scene.stage.terminal.dump(), /please come/);
      viewer.terminal.input("h");
      await viewer.terminal.wait("Helping Ada");
      await viewer.terminal.wait("Grace: please come");
      viewer.terminal.press("F3");
      viewer.terminal.input("# typed under the message");
      await scene.stage.terminal.wait("# typed under the message");
    }));

  it("sees a teacher who is at another place as elsewhere, and as away only without a terminal", () =>
    withScene(async (scene) => {
      const { workbench, terminal: ada } = scene.stage;
      const visit = workbench.attendance.attach("127.0.0.1");
      await using viewer = attachTo(scene);
      await viewer.terminal.wait("Watching Ada · welcome.py");
      ada.disconnect();
      await viewer.terminal.wait("Watching Ada · elsewhere; waiting");
      viewer.terminal.input("d");
      await viewer.terminal.wait("Nobody is at Ada's screen");
      visit[Symbol.dispose]();
      viewer.terminal.input("x"); // the sentence was read
      await viewer.terminal.wait("away; waiting");
    }));

  it("that helps reads whether a file is saved, whoever types, and nothing that is said to her", () =>
    withScene(async (scene) => {
      const ada = scene.stage.terminal;
      await using viewer = attachTo(scene, { columns: 100, rows: 31, mode: "help" });
      await ada.wait("Prof. hopper is helping: you can both type.");
      await viewer.terminal.wait("Helping Ada");
      const isMarked = (screen: readonly string[]): boolean => screen[1]?.includes("welcome.py ●") === true;
      ada.press("F3");
      ada.input("x");
      await ada.wait(isMarked);
      await viewer.terminal.wait(isMarked);
      ada.press("Ctrl-S");
      await viewer.terminal.wait((screen) => !isMarked(screen));
      ada.input("y");
      for (const terminal of [ada, viewer.terminal]) {
        await terminal.wait("xy# Welcome");
        assert.ok(isMarked(terminal.screen()), terminal.dump());
      }
      assert.doesNotMatch(viewer.terminal.dump(), /you can both type/);
    }));

  /** Her window as a viewer finds it, with a picture that breaks when `isBroken` says so. */
  function brokenWindows({ stage, windows }: Scene, isBroken: { told: boolean; drawn: boolean }): Windows {
    const screen = windows.last(stage.workbench)?.screen;
    assert.ok(screen);
    const fail = (): never => {
      throw new Error("a fault of ours");
    };
    const broken = {
      get picture() {
        return isBroken.drawn ? fail() : screen.picture;
      },
      onPicture: (listener: (picture: Picture) => void) =>
        screen.onPicture((picture) => listener(isBroken.told ? ({ cursor: undefined } as Picture) : picture)),
    };
    const others = new Windows();
    others.open(stage.workbench, broken as Screen);
    return others;
  }

  it("whose view breaks while it draws breaks alone", () =>
    withScene(async (scene) => {
      const ada = scene.stage.terminal;
      const isBroken = { told: false, drawn: false };
      await using viewer = attachTo({ ...scene, windows: brokenWindows(scene, isBroken) });
      await using other = attachTo(scene, { columns: 100, rows: 31, name: "other" });
      await ada.wait("2 viewers");
      isBroken.drawn = true;
      ada.press("F3");
      ada.input("# she types on");
      await ada.wait("# she types on");
      await other.terminal.wait("# she types on");
      await viewer.terminal.wait(/went wrong|error/i);
      assert.doesNotMatch(ada.dump(), /went wrong|error/i);
      viewer.terminal.press("Escape");
      assert.equal(await viewer.end, "left");
      await ada.wait("1 viewer");
    }));

  it("whose view breaks at what she does is out, and she reads nothing of it", () =>
    withScene(async (scene) => {
      const ada = scene.stage.terminal;
      const isBroken = { told: false, drawn: false };
      await using viewer = attachTo({ ...scene, windows: brokenWindows(scene, isBroken) });
      await ada.wait("1 viewer");
      isBroken.told = true;
      const broken = assert.rejects(viewer.end, TypeError);
      ada.press("F3");
      ada.input("# she types on");
      await broken;
      await ada.wait("# she types on");
      await ada.wait((screen) => !screen[0]?.includes("viewer"));
      assert.doesNotMatch(ada.dump(), /went wrong|error/i);
    }));

  it("whose own client breaks at what she does costs her nothing", () =>
    withScene(async ({ stage }) => {
      using guest = new WorkbenchView(stage.workbench, stage.workbench.viewers.guest("Grace"));
      let calls = 0;
      using _listener = guest.onChange(() => {
        calls++;
        throw new Error("a fault of ours");
      });
      stage.terminal.press("F3");
      stage.terminal.input("# she types on");
      await stage.terminal.wait("# she types on");
      assert.ok(calls > 0);
      assert.doesNotMatch(stage.terminal.dump(), /went wrong|error/i);
    }));

  const keys = [
    "Enter",
    "Tab",
    "Shift-Tab",
    "Escape",
    "Backspace",
    "Delete",
    "Up",
    "Down",
    "Left",
    "Right",
    "Home",
    "End",
    "PageUp",
    "PageDown",
    ..."ACDEFGHIJKLMNOPRSTUVWXYZ".split("").map((letter) => `Ctrl-${letter}`),
    ..."12345678".split("").map((digit) => `F${digit}`),
    "F10",
    "F11",
    "F12",
    "Shift-F5",
    "Alt-Up",
    "Alt-Down",
    "Alt-Shift-Down",
  ];

  /** Whatever a keyboard, a mouse or a paste can do, but for the viewer's own keys that change the mode or leave. The same each time. */
  async function rage(viewer: FakeTerminal, seed: number): Promise<void> {
    let state = seed;
    const random = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((state / 2_147_483_648) * below);
    };
    for (let count = 0; count < 600; count++) {
      const kind = random(10);
      if (kind < 6) viewer.press(keys[random(keys.length)] ?? "Enter");
      else if (kind < 7) viewer.input("stolen ");
      else if (kind < 8) viewer.paste("pasted\nlines\n");
      else if (kind < 9) viewer.mouse("click", random(30), random(100));
      else
        viewer.input(
          [
            "\u001B[I",
            "\u001B[O",
            "\u001B[?1;2c",
            "\u001B[24;80R",
            "\u001B]52;c;c3RvbGVu\u0007",
            "\u001BP1$r0m\u001B\\",
          ][random(6)] ?? "",
        );
      if (count % 20 === 0) await viewer.settled();
    }
    for (let count = 0; count < 5; count++) viewer.press("Escape");
    await viewer.settled();
  }

  for (const mode of ["look", "help"] as const) {
    it(`that rages at the keys in the mode "${mode}" runs, opens, makes, renames and deletes nothing of hers`, () =>
      withScene(async ({ stage, windows }) => {
        const { terminal: ada, workbench, python, home } = stage;
        const before = {
          text: workbench.documents.active?.content.text(),
          names: (await readdir(home)).toSorted(),
          panes: ada.screen().slice(2, 14),
        };
        for (const seed of [1, 2, 3]) {
          // One of them may find "Quit" among the commands, and leave.
          await using viewer = attachTo(
            { stage, windows },
            { columns: 100, rows: 31, mode, admits: (wanted) => wanted === mode },
          );
          await viewer.terminal.wait(/Looking around at Ada|Helping Ada/);
          viewer.terminal.press("F3");
          viewer.terminal.input("typed by a helper ");
          await rage(viewer.terminal, seed);
        }
        const names = async (): Promise<string[]> => (await readdir(home)).toSorted();
        // A helper may save, and a save that is under way has a temporary file.
        await eventually(async () => isDeepStrictEqual(await names(), before.names)).catch(async () =>
          assert.deepEqual(await names(), before.names),
        );
        assert.deepEqual([python.typed, python.runs], [[], []]);
        assert.deepEqual(
          workbench.documents.list.map(({ path }) => path),
          ["/home/ada/welcome.py"],
        );
        if (mode === "look") {
          assert.equal(workbench.documents.active?.content.text(), before.text);
          assert.deepEqual(ada.screen().slice(2, 14), before.panes);
        }
        ada.press("F3", "Ctrl-Home");
        ada.input("hers ");
        await ada.wait(/1 {2}hers /);
        if (mode === "look") return;
        assert.notEqual(workbench.documents.active?.content.text(), before.text, "a helper types");
        // All that was typed by a helper is hers to throw away: what she typed alone goes with her own undo.
        ada.press("Ctrl-Z");
        await ada.wait((screen) => !screen.some((row) => row.includes("1  hers ")));
      }));
  }
});

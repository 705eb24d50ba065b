import assert from "node:assert/strict";
import { Compositor } from "../../src/terminal/compositor.ts";
import type { Region, Surface } from "../../src/terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../src/terminal/input/event.ts";
import type { Layer } from "../../src/terminal/layer.ts";
import { createTheme } from "../../src/terminal/theme.ts";
import { Emulator } from "../support/emulator.ts";

/** A layer filled with one letter, which remembers what it was offered and how often it was drawn. */
class Tile implements Layer {
  readonly name: string;
  readonly modal: boolean;
  area: Region;
  consumes = false;
  cursor: readonly [number, number] | undefined;
  draws = 0;
  readonly events: InputEvent[] = [];

  constructor(name: string, area: Region, modal = false) {
    this.name = name;
    this.area = area;
    this.modal = modal;
  }

  region(): Region {
    return this.area;
  }

  draw(surface: Surface): void {
    this.draws++;
    const { width, height } = surface;
    for (let row = 0; row < height; row++) surface.put(row, 0, this.name.repeat(width));
    if (this.cursor) surface.cursor(...this.cursor);
  }

  handle(event: InputEvent): boolean {
    this.events.push(event);
    return this.consumes;
  }
}

const key: InputEvent = { kind: "key", name: "F5" };

function mouse(action: MouseEvent["action"], row: number, column: number): MouseEvent {
  return { kind: "mouse", action, button: "left", row, column, clicks: 1, shift: false, alt: false, ctrl: false };
}

interface Stage extends Disposable {
  readonly compositor: Compositor;
  readonly back: Tile;
  readonly middle: Tile;
  readonly front: Tile;
  readonly emulator: Emulator;
  show(): Promise<readonly string[]>;
}

/** Three tiles on 8x4: "a" everywhere, "b" over its middle, "c" over the right of both. */
function stage({ modal = false } = {}): Stage {
  const emulator = new Emulator(8, 4);
  const compositor = new Compositor({
    size: { columns: 8, rows: 4 },
    theme: createTheme("none"),
    onError: (error) => {
      throw error;
    },
  });
  const back = new Tile("a", { row: 0, column: 0, width: 8, height: 4 });
  const middle = new Tile("b", { row: 1, column: 2, width: 4, height: 2 }, modal);
  const front = new Tile("c", { row: 2, column: 5, width: 3, height: 1 });
  for (const layer of [back, middle, front]) compositor.push(layer);
  emulator.write("\x1b[?7l");
  return {
    compositor,
    back,
    middle,
    front,
    emulator,
    async show() {
      emulator.write(compositor.frame());
      await emulator.settled();
      return emulator.screen();
    },
    [Symbol.dispose]() {
      compositor[Symbol.dispose]();
      emulator[Symbol.dispose]();
    },
  };
}

function offered({ back, middle, front }: Stage): string {
  return [front, middle, back]
    .filter((tile) => tile.events.length > 0)
    .map((tile) => tile.name)
    .join("");
}

describe("the compositor", () => {
  it("draws the layers back to front, each on its region", async () => {
    using on = stage();
    assert.deepEqual(await on.show(), ["aaaaaaaa", "aabbbbaa", "aabbbccc", "aaaaaaaa"]);
  });

  it("uncovers what lay behind a layer that is taken away or moves", async () => {
    using on = stage();
    const extra = on.compositor.push(new Tile("d", { row: 0, column: 0, width: 8, height: 2 }));
    assert.deepEqual(await on.show(), ["dddddddd", "dddddddd", "aabbbccc", "aaaaaaaa"]);
    extra[Symbol.dispose]();
    on.front.area = { row: 3, column: 0, width: 2, height: 1 };
    assert.deepEqual(await on.show(), ["aaaaaaaa", "aabbbbaa", "aabbbbaa", "ccaaaaaa"]);
  });

  it("draws a changed layer and what lies over it, and nothing else", async () => {
    using on = stage();
    await on.show();
    on.compositor.invalidate(on.middle);
    assert.deepEqual(await on.show(), ["aaaaaaaa", "aabbbbaa", "aabbbccc", "aaaaaaaa"]);
    assert.deepEqual([on.back.draws, on.middle.draws, on.front.draws], [1, 2, 2]);
    on.compositor.invalidate(on.front);
    await on.show();
    assert.deepEqual([on.back.draws, on.middle.draws, on.front.draws], [1, 2, 3]);
  });

  it("draws a layer again that consumed an event, and not one that did not", async () => {
    using on = stage();
    await on.show();
    on.middle.consumes = true;
    on.compositor.dispatch(key);
    await on.show();
    assert.deepEqual([on.back.draws, on.front.draws >= 1, on.middle.draws], [1, true, 2]);
  });

  it("cuts a layer that reaches beyond the screen, and follows a new size", async () => {
    using on = stage();
    on.front.area = { row: 3, column: 6, width: 100, height: 100 };
    assert.deepEqual(await on.show(), ["aaaaaaaa", "aabbbbaa", "aabbbbaa", "aaaaaacc"]);
    on.emulator.resize(4, 2);
    on.compositor.resize({ columns: 4, rows: 2 });
    on.back.area = { row: 0, column: 0, width: 4, height: 2 };
    assert.deepEqual(await on.show(), ["aaaa", "aabb"]);
  });

  it("offers keys front to back until one consumes them", () => {
    using on = stage();
    assert.equal(on.compositor.dispatch(key), false);
    assert.equal(offered(on), "cba");
    on.middle.consumes = true;
    assert.equal(on.compositor.dispatch(key), true);
    assert.deepEqual(
      [on.front, on.middle, on.back].map((tile) => tile.events.length),
      [2, 2, 1],
    );
  });

  it("offers keys to the layer in focus first", () => {
    using on = stage();
    on.compositor.focus(on.back);
    on.back.consumes = true;
    on.compositor.dispatch(key);
    assert.equal(offered(on), "a");
    assert.equal(on.compositor.focused, on.back);
  });

  it("lets nothing past a modal layer, not even to the layer in focus", () => {
    using on = stage({ modal: true });
    on.compositor.focus(on.back);
    on.compositor.dispatch(key);
    on.compositor.dispatch(mouse("press", 0, 0));
    assert.equal(offered(on), "cb");
    assert.equal(on.middle.events.length, 2);
  });

  it("gives the focus back to the layer that had it when the one in focus goes away", () => {
    using on = stage();
    on.compositor.focus(on.back);
    const dialog = new Tile("d", { row: 0, column: 0, width: 1, height: 1 });
    const pushed = on.compositor.push(dialog);
    on.compositor.focus(dialog);
    pushed[Symbol.dispose]();
    assert.equal(on.compositor.focused, on.back);
  });

  it("offers the mouse to the layers under it, in their own rows and columns", () => {
    using on = stage();
    on.compositor.dispatch(mouse("press", 2, 4));
    assert.equal(offered(on), "ba");
    assert.deepEqual(on.middle.events, [mouse("press", 1, 2)]);
    assert.deepEqual(on.back.events, [mouse("press", 2, 4)]);
  });

  it("gives drag and release to the layer that took the press, wherever they happen", () => {
    using on = stage();
    on.middle.consumes = true;
    on.compositor.dispatch(mouse("press", 1, 2));
    on.compositor.dispatch(mouse("drag", 0, 0));
    on.compositor.dispatch(mouse("release", 3, 7));
    assert.deepEqual(on.middle.events, [mouse("press", 0, 0), mouse("drag", -1, -2), mouse("release", 2, 5)]);
    on.compositor.dispatch(mouse("drag", 0, 0));
    assert.deepEqual(on.back.events, [mouse("drag", 0, 0)]);
  });

  it("puts the cursor where the front layer that has one wants it, but never under a modal one", async () => {
    using on = stage();
    on.back.cursor = [0, 3];
    await on.show();
    assert.deepEqual(on.emulator.cursor(), { row: 0, column: 3, visible: true });
    on.front.cursor = [0, 1];
    on.compositor.invalidate(on.front);
    await on.show();
    assert.deepEqual(on.emulator.cursor(), { row: 2, column: 6, visible: true });
    const modal = on.compositor.push(new Tile("m", { row: 0, column: 0, width: 1, height: 1 }, true));
    await on.show();
    assert.equal(on.emulator.cursor().visible, false);
    modal[Symbol.dispose]();
    await on.show();
    assert.equal(on.emulator.cursor().visible, true);
  });

  it("keeps the screens of different people apart", async () => {
    using ada = stage();
    using alan = stage();
    ada.compositor.focus(ada.back);
    ada.compositor.push(new Tile("z", { row: 0, column: 0, width: 8, height: 4 }));
    assert.deepEqual(await ada.show(), ["zzzzzzzz", "zzzzzzzz", "zzzzzzzz", "zzzzzzzz"]);
    assert.deepEqual(await alan.show(), ["aaaaaaaa", "aabbbbaa", "aabbbccc", "aaaaaaaa"]);
    assert.equal(alan.compositor.focused, undefined);
  });
});

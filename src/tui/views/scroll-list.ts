/** Which rows of a list are in sight, and which is selected; shared by the tree, the palette and the help screen. */
export class ScrollList {
  #top = 0;
  #selected = 0;

  get top(): number {
    return this.#top;
  }

  get selected(): number {
    return this.#selected;
  }

  /** Selects a row; the next `fit` brings it into sight. */
  select(index: number): void {
    this.#selected = Math.max(0, index);
  }

  /** Moves the window without the selection, as the wheel does. */
  scroll(lines: number, count: number, height: number): void {
    this.#top = Math.max(0, Math.min(this.#top + lines, count - height));
  }

  /** Clamps to a list of `count` rows seen through `height`, with the selection in sight. */
  fit(count: number, height: number): void {
    this.#selected = Math.max(0, Math.min(this.#selected, count - 1));
    if (this.#selected < this.#top) this.#top = this.#selected;
    if (this.#selected >= this.#top + height) this.#top = this.#selected - height + 1;
    this.clampTop(count, height);
  }

  /** Clamps the window only: the selection may be out of sight. */
  clampTop(count: number, height: number): void {
    this.#top = Math.max(0, Math.min(this.#top, count - height));
  }

  /** Moves the selection for a motion key; false when `name` is none. */
  move(name: string, count: number, height: number): boolean {
    const target = motions[name]?.(this.#selected, count, Math.max(1, height - 1));
    if (target === undefined) return false;
    this.#selected = Math.max(0, Math.min(target, count - 1));
    return true;
  }
}

type Motion = (selected: number, count: number, page: number) => number;

const motions: Readonly<Record<string, Motion>> = {
  Up: (selected) => selected - 1,
  Down: (selected) => selected + 1,
  PageUp: (selected, _, page) => selected - page,
  PageDown: (selected, _, page) => selected + page,
  Home: () => 0,
  End: (_, count) => count - 1,
};

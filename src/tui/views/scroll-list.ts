import type { ListCommand } from "../../commands/keys/list-keys.ts";

/** Which rows of a list are visible, and which one is selected; shared by the tree, the palette and the help screen. */
export class ScrollList {
  #top = 0;
  #selected = 0;

  /** The index of the first visible row. */
  get top(): number {
    return this.#top;
  }

  /** The index of the selected row. */
  get selected(): number {
    return this.#selected;
  }

  /** Selects a row; the next `fit` makes it visible. */
  select(index: number): void {
    this.#selected = Math.max(0, index);
  }

  /** Scrolls by a number of lines without moving the selection, as the wheel does. */
  scroll(lines: number, count: number, height: number): void {
    this.#top = Math.max(0, Math.min(this.#top + lines, count - height));
  }

  /** Clamps to a list of `count` rows seen through `height`, with the selection visible. */
  fit(count: number, height: number): void {
    this.#selected = Math.max(0, Math.min(this.#selected, count - 1));
    if (this.#selected < this.#top) this.#top = this.#selected;
    if (this.#selected >= this.#top + height) this.#top = this.#selected - height + 1;
    this.clampTop(count, height);
  }

  /** Clamps the visible rows only: the selection may be out of sight. */
  clampTop(count: number, height: number): void {
    this.#top = Math.max(0, Math.min(this.#top, count - height));
  }

  /** Moves the selection; false when `command` is undefined. */
  move(command: ListCommand | undefined, count: number, height: number): boolean {
    if (command === undefined) return false;
    this.#selected = Math.max(0, Math.min(this.#selected + scrolledLines(command, count, height), count - 1));
    return true;
  }
}

/**
 * The number of lines by which a command moves in a list of `count` rows seen through `height`, regardless of the
 * list's ends.
 */
export function scrolledLines(command: ListCommand, count: number, height: number): number {
  const page = Math.max(1, height - 1);
  return { up: -1, down: 1, "page-up": -page, "page-down": page, first: -count, last: count }[command];
}

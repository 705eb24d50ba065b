/** Counts what xterm.js does: cells written, list entries moved. Its methods are replaced while counting, so nothing depends on a clock. */
import type { Emulator } from "../../src/session/emulator.ts";

type Method = (...all: unknown[]) => unknown;
type Methods = Record<string, Method | undefined>;

interface Inside {
  readonly _core: {
    readonly buffers: { readonly normal: { readonly lines: object & { get(index: number): object } } };
  };
}

export class EmulatorWork implements Disposable {
  /** Cells and entries so far. */
  done = 0;
  readonly #restore: (() => void)[] = [];

  constructor(emulator: Emulator) {
    const { lines } = (emulator as unknown as Inside)._core.buffers.normal;
    const line = Object.getPrototypeOf(lines.get(0)) as Methods;
    const list = Object.getPrototypeOf(lines) as Methods;
    this.#count(line, "setCell", () => 1);
    this.#count(line, "setCellFromCodepoint", () => 1);
    this.#count(line, "addCodepointToCell", () => 1);
    this.#count(line, "clone", (target) => (target as { length: number }).length);
    this.#count(line, "copyFrom", (target) => (target as { length: number }).length);
    // Each entry that is read, written or moved asks for its place.
    this.#count(list, "_getCyclicIndex", () => 1);
  }

  [Symbol.dispose](): void {
    for (const restore of this.#restore) restore();
  }

  #count(methods: Methods, name: string, amount: (target: unknown) => number): void {
    const original = methods[name];
    if (!original) throw new Error(`xterm.js has no ${name} any more`);
    const add = (work: number): void => void (this.done += work);
    methods[name] = function counted(this: unknown, ...all: unknown[]): unknown {
      add(amount(this));
      return Reflect.apply(original, this, all);
    };
    this.#restore.push(() => void (methods[name] = original));
  }
}

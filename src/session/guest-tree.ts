/** A guest's own view of the files: what is unfolded is the guest's, what is there follows the person's tree, which is watched already. */
import { logBug } from "../base/error-report.ts";
import { PacedWork } from "../base/paced-work.ts";
import { FileTree } from "./file-tree.ts";
import type { Workbench } from "./workbench.ts";

/** Milliseconds between two readings, at least, and while the person's files change without a pause. */
const restMs = 500;
const stormRest = 4000;

export class GuestTree implements Disposable {
  readonly tree: FileTree;
  readonly #readings: PacedWork;
  readonly #listeners: readonly Disposable[];
  #begun = false;

  constructor(workbench: Workbench, changed: () => void) {
    const { workspace, log, clock } = workbench;
    // With nothing unfolded.
    this.tree = new FileTree(workspace, log);
    // However often the files change meanwhile, they are read once more.
    this.#readings = new PacedWork({
      work: () => this.#read(workbench.home),
      failed: (error) => logBug(error, log),
      gatherMs: 0,
      restMs: () => restMs,
      stormRestMs: stormRest,
      clock,
    });
    this.#listeners = [this.tree.onChange(changed), workbench.tree.onChange(() => this.#readings.ask())];
    this.#readings.ask();
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) listener[Symbol.dispose]();
    this.#readings[Symbol.dispose]();
  }

  #read(home: string): Promise<void> {
    if (this.#begun) return this.tree.refresh();
    this.#begun = true;
    return this.tree.expand(home);
  }
}

/**
 * A guest's own file tree. Which folders are open is the guest's choice; changes follow the owner's tree, which is
 * watched already.
 */
import { logBug } from "../base/error-report.ts";
import { PacedWork } from "../base/paced-work.ts";
import { FileTree } from "./file-tree.ts";
import type { Workbench } from "./workbench.ts";

/** Least milliseconds between two readings, also while the owner's files change all the time. */
const restMs = 500;
const stormRestMs = 4000;

/** The tree of one guest. */
export class GuestTree implements Disposable {
  readonly tree: FileTree;
  readonly #readings: PacedWork;
  readonly #listeners: readonly Disposable[];
  #begun = false;

  constructor(workbench: Workbench, changed: () => void) {
    const { workspace, log, clock } = workbench;
    // All folders closed.
    this.tree = new FileTree(workspace, log);
    // However often the files change meanwhile, they are read once more.
    this.#readings = new PacedWork({
      work: () => this.#read(workbench.home),
      failed: (error) => logBug(error, log),
      gatherMs: 0,
      restMs: () => restMs,
      stormRestMs,
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

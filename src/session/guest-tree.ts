/** A guest's own view of the files: what is unfolded is the guest's, what is there follows the person's tree, which is watched already. */
import { report } from "../base/errors.ts";
import { FileTree } from "./file-tree.ts";
import type { Workbench } from "./workbench.ts";

export class GuestTree implements Disposable {
  readonly tree: FileTree;
  readonly #workbench: Workbench;
  readonly #listeners: readonly Disposable[];
  #reading = false;
  #again = false;
  #closed = false;

  constructor(workbench: Workbench, changed: () => void) {
    this.#workbench = workbench;
    this.tree = workbench.newTree();
    this.#listeners = [this.tree.onChange(changed), workbench.tree.onChange(() => this.#follow(() => this.tree.refresh()))];
    this.#follow(() => this.tree.expand(workbench.home));
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    for (const listener of this.#listeners) listener[Symbol.dispose]();
  }

  /** However often the files change meanwhile, they are read once more. */
  #follow(read: () => Promise<void>): void {
    if (this.#closed) return;
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    void read()
      .catch((error: unknown) => report(error, this.#workbench.log))
      .finally(() => {
        this.#reading = false;
        if (!this.#again) return;
        this.#again = false;
        this.#follow(() => this.tree.refresh());
      });
  }
}

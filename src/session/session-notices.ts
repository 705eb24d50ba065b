import { Emitter } from "../base/events.ts";
import type { Notice } from "./workbench-options.ts";

/** What a session tells in a sentence, on every screen that shows it. */
export class SessionNotices {
  readonly #told = new Emitter<Notice>();
  readonly #after: () => void;

  /** `after` is called when a notice was told. */
  constructor(after: () => void) {
    this.#after = after;
  }

  get onNotice() {
    return this.#told.on;
  }

  tell(kind: Notice["kind"], text: string): void {
    this.#tell({ kind, text });
  }

  /** Tells the person whose session it is, and no guest. */
  tellOwner(text: string): void {
    this.#tell({ kind: "info", text, to: "owner" });
  }

  #tell(notice: Notice): void {
    this.#told.emit(notice);
    this.#after();
  }
}

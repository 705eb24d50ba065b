import { Emitter } from "../base/events.ts";
import type { Notice } from "./workbench-options.ts";

/** The notices of a session, shown on every screen of it. */
export class SessionNotices {
  readonly #told = new Emitter<Notice>();
  readonly #after: () => void;

  /** `after` is called when a notice was told. */
  constructor(after: () => void) {
    this.#after = after;
  }

  /** Fires with each notice. */
  get onNotice() {
    return this.#told.on;
  }

  /** Shows a notice to everybody. */
  tell(kind: Notice["kind"], text: string): void {
    this.#tell({ kind, text });
  }

  /** Shows a notice to the owner, and not to guests. */
  tellOwner(text: string): void {
    this.#tell({ kind: "info", text, to: "owner" });
  }

  #tell(notice: Notice): void {
    this.#told.emit(notice);
    this.#after();
  }
}

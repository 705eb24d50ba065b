import { Emitter } from "../../base/events.ts";
import { Scope } from "../../base/scope.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import type { Canvas } from "../../terminal/screen.ts";
import { Dialogs } from "../parts/dialogs.ts";
import { HeldInput } from "./held-input.ts";

/** The questions on one screen, and what is typed ahead of them. */
export class Questions implements AsyncDisposable {
  /** Questions that whoever types here answers. */
  readonly dialogs: Dialogs;
  /** Questions that only the person's own hands answer: whoever drives finds them closed. */
  readonly personal: Dialogs;
  readonly #held: HeldInput;
  readonly #scope = new Scope("questions");

  constructor(view: WorkbenchView, screen: Canvas) {
    const changed = new Emitter<void>();
    const dialogs = this.#scope.own(new Dialogs(screen, () => changed.emit()));
    const personal = this.#scope.own(
      new Dialogs(
        screen,
        () => changed.emit(),
        () => view.isDriven,
      ),
    );
    const held = new HeldInput({
      isAsking: () => dialogs.isOpen || personal.isOpen,
      replay: (event) => screen.dispatch(event),
    });
    this.#scope.own(
      changed.on(() => {
        screen.invalidate();
        held.release();
      }),
    );
    this.#scope.own(view.workbench.viewers.onChange(() => view.isDriven && personal.giveUp()));
    this.dialogs = dialogs;
    this.personal = personal;
    this.#held = held;
  }

  /** A question is on the screen. */
  get isAsking(): boolean {
    return this.dialogs.isOpen || this.personal.isOpen;
  }

  /**
   * Keeps what is typed, past the dialogs that `work` shows, until it has ended: what follows the Enter of a question belongs to
   * what the answer leads to.
   */
  holding(work: () => Promise<void>): Promise<void> {
    return this.#held.during(work);
  }

  /** True when the event is kept for later. */
  hold(event: InputEvent): boolean {
    return this.#held.take(event);
  }

  /** Tells something that has to be read. */
  async tell(title: string, text: string): Promise<void> {
    await this.dialogs.confirm<void>({
      title,
      text,
      buttons: [{ label: "Understood", letter: "U", value: undefined }],
      initial: 0,
      cancel: undefined,
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}

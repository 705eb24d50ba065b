import { Emitter } from "../../base/events.ts";
import { Scope } from "../../base/scope.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import type { Canvas } from "../../terminal/screen.ts";
import { Dialogs } from "../parts/dialogs.ts";
import { HeldInput } from "./held-input.ts";

/** The dialogs of one screen, and the input that is typed ahead of them. */
export class Questions implements AsyncDisposable {
  /** Questions that anybody who types here may answer. */
  readonly dialogs: Dialogs;
  /** Questions that only the owner may answer: while somebody drives they are answered with "cancel". */
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

  /** Whether a question is on the screen. */
  get isAsking(): boolean {
    return this.dialogs.isOpen || this.personal.isOpen;
  }

  /**
   * Holds what is typed until `work` has ended, except for dialogs that it shows: what follows the Enter of a question
   * belongs to what the answer leads to.
   */
  holding(work: () => Promise<void>): Promise<void> {
    return this.#held.during(work);
  }

  /** Offers an event; true when it is held for later. */
  hold(event: InputEvent): boolean {
    return this.#held.take(event);
  }

  /** Shows a text until the person confirms it. */
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

import type { Destination } from "../../commands/destination.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { Dialogs } from "../parts/dialogs.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import { isTooSmallForIde } from "../views/layout.ts";
import type { Questions } from "./questions.ts";
import type { Saving } from "./saving.ts";

/** What leaving needs of its client. */
export interface LeavingOptions {
  readonly screen: Canvas;
  readonly questions: Questions;
  readonly saving: Saving;
  readonly actionRunner: ActionRunner;
  /** Called when the person leaves, after the questions about unsaved changes. */
  readonly leave: () => void;
  /** Called when the person goes to another screen for a while; without it there is none. */
  readonly go?: ((to: Destination) => void) | undefined;
  /** Asks which student to attach to; undefined when the person cancels. */
  readonly whom?: ((dialogs: Dialogs) => Promise<string | undefined>) | undefined;
}

/** The ways to leave this screen: for good, or for another one. */
export class Leaving {
  readonly #options: LeavingOptions;

  constructor(options: LeavingOptions) {
    this.#options = options;
  }

  /** Asks about unsaved changes, and leaves. */
  async quit(): Promise<void> {
    const { screen, questions, saving, leave } = this.#options;
    // No room for a question: unsaved work is kept and comes back at the next login.
    if (isTooSmallForIde(screen.size) || (await saving.mayLeave(questions.personal))) leave();
  }

  /** Goes to another screen, if there is one. */
  go(to: Destination): void {
    this.#options.go?.(to);
  }

  /** Asks which student to attach to, and goes there. */
  askWhom(): void {
    const { actionRunner, whom, questions } = this.#options;
    actionRunner.run("ask-whom", async () => {
      const username = await whom?.(questions.personal);
      if (username !== undefined) this.go({ kind: "watch", username });
    });
  }
}

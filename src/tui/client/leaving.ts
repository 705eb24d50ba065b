import type { Destination } from "../../commands/destination.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { Dialogs } from "../parts/dialogs.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import { isTooSmallForIde } from "../views/layout.ts";
import type { Questions } from "./questions.ts";
import type { Saving } from "./saving.ts";

export interface LeavingOptions {
  readonly screen: Canvas;
  readonly questions: Questions;
  readonly saving: Saving;
  readonly actionRunner: ActionRunner;
  /** The person leaves, and may. */
  readonly leave: () => void;
  /** The person goes somewhere else for a while; without this there is nowhere to go. */
  readonly go?: ((to: Destination) => void) | undefined;
  /** Asks whom to attach to; undefined when the person gave up. */
  readonly whom?: ((dialogs: Dialogs) => Promise<string | undefined>) | undefined;
}

/** The ways away from this screen: for good, or to another one. */
export class Leaving {
  readonly #options: LeavingOptions;

  constructor(options: LeavingOptions) {
    this.#options = options;
  }

  /** Leaves; asks about unsaved changes. */
  async quit(): Promise<void> {
    const { screen, questions, saving, leave } = this.#options;
    // There is no room for a question: unsaved work is kept and comes back at the next login.
    if (isTooSmallForIde(screen.size) || (await saving.mayLeave(questions.personal))) leave();
  }

  go(to: Destination): void {
    this.#options.go?.(to);
  }

  /** Asks whom to attach to, and goes there. */
  askWhom(): void {
    const { actionRunner, whom, questions } = this.#options;
    actionRunner.run("ask-whom", async () => {
      const username = await whom?.(questions.personal);
      if (username !== undefined) this.go({ kind: "watch", username });
    });
  }
}

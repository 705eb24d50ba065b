import type { Notices } from "../parts/notices.ts";
import type { StatusLineMessage } from "../views/status-line.ts";
import type { Keyboard } from "./keyboard.ts";
import type { Questions } from "./questions.ts";

/** What the message depends on. */
export interface StatusMessageOptions {
  readonly keyboard: Keyboard;
  readonly questions: Questions;
  readonly notices: Notices;
}

/** The message in the status line, which hides its facts: a pending chord, or a notice. */
export class StatusMessage {
  readonly #options: StatusMessageOptions;

  constructor(options: StatusMessageOptions) {
    this.#options = options;
  }

  /** The message to show now; undefined while the facts are shown. */
  get current(): StatusLineMessage | undefined {
    const { keyboard, questions, notices } = this.#options;
    const { chord } = keyboard;
    if (chord !== undefined) return { kind: "info", text: `${chord} … press the next key, Esc to cancel` };
    return questions.isAsking ? notices.notice : notices.current;
  }
}

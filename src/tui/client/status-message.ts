import type { Notices } from "../parts/notices.ts";
import type { StatusLineMessage } from "../views/status-line.ts";
import type { Keyboard } from "./keyboard.ts";
import type { Questions } from "./questions.ts";

export interface StatusMessageOptions {
  readonly keyboard: Keyboard;
  readonly questions: Questions;
  readonly notices: Notices;
}

/** What the status line says instead of facts. */
export class StatusMessage {
  readonly #options: StatusMessageOptions;

  constructor(options: StatusMessageOptions) {
    this.#options = options;
  }

  get current(): StatusLineMessage | undefined {
    const { keyboard, questions, notices } = this.#options;
    const { chord } = keyboard;
    if (chord !== undefined) return { kind: "info", text: `${chord} … press the next key, Esc to cancel` };
    return questions.isAsking ? notices.notice : notices.current;
  }
}

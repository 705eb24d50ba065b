import type { Notices } from "../parts/notices.ts";
import type { StatusNotice } from "../views/status-line.ts";
import type { Keyboard } from "./keyboard.ts";
import type { Questions } from "./questions.ts";

/** What the notice depends on. */
export interface CurrentNoticeOptions {
  readonly keyboard: Keyboard;
  readonly questions: Questions;
  readonly notices: Notices;
}

/** The notice in the status line, which hides its facts: a pending chord, or one of `Notices`. */
export class CurrentNotice {
  readonly #options: CurrentNoticeOptions;

  constructor(options: CurrentNoticeOptions) {
    this.#options = options;
  }

  /** The notice to show now; undefined while the facts are shown. */
  get current(): StatusNotice | undefined {
    const { keyboard, questions, notices } = this.#options;
    const { chord } = keyboard;
    if (chord !== undefined) return { kind: "info", text: `${chord} … press the next key, Esc to cancel` };
    return questions.isAsking ? notices.withoutProgress : notices.current;
  }
}

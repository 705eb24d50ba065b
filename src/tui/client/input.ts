import { copyingKeys, leaveKeys, messageBarKeys } from "../../commands/keys/screen-keys.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import type { Notices } from "../parts/notices.ts";
import { isTooSmallForIde } from "../views/layout.ts";
import type { InClass } from "./in-class.ts";
import type { Keyboard } from "./keyboard.ts";
import type { PicturePreview } from "./picture-preview.ts";
import type { Questions } from "./questions.ts";
import type { Running } from "./running.ts";

/** What input goes to. */
export interface InputOptions {
  readonly screen: Canvas;
  readonly questions: Questions;
  readonly notices: Notices;
  readonly running: Running;
  readonly inClass: InClass;
  /** Gets its key before the panes. */
  readonly preview: PicturePreview;
  readonly keyboard: Keyboard;
  readonly actionRunner: ActionRunner;
}

/** The entry point of everything typed at one screen outside dialogs. */
export class ClientInput {
  readonly #options: InputOptions;

  constructor(options: InputOptions) {
    this.#options = options;
  }

  /** Handles an event: held for later, or passed to the keyboard. */
  take(event: InputEvent): void {
    const { screen, questions, notices, running, inClass, preview, keyboard, actionRunner } = this.#options;
    const key = event.kind === "key" ? event.name : undefined;
    const leaves = leaveKeys.commandFor(key) === "leave";
    if (copyingKeys.commandFor(key) === "stop" && !questions.isAsking && running.stopCopying()) return;
    if (!leaves && questions.hold(event)) return;
    if (event.kind === "key" || event.kind === "text") notices.keyPressed();
    if (messageBarKeys.commandFor(key) === "hide") inClass.escaped();
    if (isTooSmallForIde(screen.size) && !leaves) return;
    if (preview.take(event)) return;
    actionRunner.run("key", () => keyboard.handle(event));
  }
}

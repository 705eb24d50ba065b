/**
 * Which key does what: chords and actions first, then the pane in focus. A pending chord belongs to this client alone.
 */
import { actionFor, paneKeys } from "../../commands/keys/pane-keys.ts";
import { chordKeys, stopKeys } from "../../commands/keys/screen-keys.ts";
import type { Pane } from "../../commands/pane.ts";
import type { InputEvent, KeyEvent } from "../../terminal/input/event.ts";
import type { Notices } from "../parts/notices.ts";
import type { Arrangement } from "./arrangement.ts";
import type { ClientEvents } from "./client-events.ts";
import type { Finding } from "./finding.ts";
import type { Stepper } from "./stepper.ts";
import type { Running } from "./running.ts";
import type { Typing } from "./typing.ts";

/** What keys go to. */
export interface KeyboardOptions {
  readonly arrangement: Arrangement;
  /** Gets keys before actions while a program runs step by step. */
  readonly stepper: Stepper;
  /** Gets keys before actions while the find bar has the focus. */
  readonly finding: Finding;
  /** Stops the program. */
  readonly running: Running;
  /** Gets the rest: what is typed into the pane in focus. */
  readonly typing: Typing;
  readonly notices: Notices;
  readonly events: ClientEvents;
}

/** The keys of one screen, with its pending chord. */
export class Keyboard {
  readonly #options: KeyboardOptions;
  #chord: string | undefined;

  constructor(options: KeyboardOptions) {
    this.#options = options;
  }

  /** The first key of a chord that waits for its second; undefined when none does. */
  get chord(): string | undefined {
    return this.#chord;
  }

  /** Handles a key, text or a paste. */
  handle(event: InputEvent): void {
    if (event.kind === "focus" || event.kind === "mouse") return;
    if (this.#chord !== undefined && this.#finishChord(event)) return;
    const { arrangement, stepper, finding, running, typing } = this.#options;
    const pane = arrangement.focus;
    const stops = event.kind === "key" && stopKeys.commandFor(event.name) === "stop" && running.stopKeyStops;
    if (stops) return running.stop();
    if (pane === "editor" && finding.focused && finding.handle(event)) return;
    if (stepper.takes(pane) && stepper.handle(event)) return;
    if (event.kind !== "key") return typing.pass(event, pane);
    this.#key(event, pane);
  }

  #key(event: KeyEvent, pane: Pane): void {
    if (paneKeys[pane].beginsChord(event.name)) return this.#setChord(event.name);
    const action = actionFor(event.name, pane);
    if (action) this.#options.events.action.emit(action);
    else this.#options.typing.pass(event, pane);
  }

  /**
   * Handles the second key of a chord. A paste or several characters end the chord and are taken literally; a single
   * letter counts as its Ctrl key.
   */
  #finishChord(event: InputEvent): boolean {
    const first = this.#chord;
    this.#setChord(undefined);
    const second = secondKey(event);
    if (second === undefined) return false;
    if (chordKeys.commandFor(second) === "cancel") return true;
    const keys = `${first} ${second}`;
    const { arrangement, notices, events } = this.#options;
    const action = actionFor(keys, arrangement.focus);
    if (action) events.action.emit(action);
    else notices.show({ kind: "warning", text: `${keys} does nothing. F1 shows all keys.` });
    return true;
  }

  #setChord(chord: string | undefined): void {
    this.#chord = chord;
    this.#options.events.notice.emit();
  }
}

/** The name of the second key. People release Ctrl between the two keys, so Ctrl-K S means Ctrl-K Ctrl-S. */
function secondKey(event: InputEvent): string | undefined {
  if (event.kind === "key") return event.name;
  return event.kind === "text" && /^[a-z]$/i.test(event.text) ? `Ctrl-${event.text.toUpperCase()}` : undefined;
}

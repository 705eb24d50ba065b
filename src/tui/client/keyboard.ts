/** Which key does what: chords and actions first, then the pane in focus. The pending chord belongs to this client alone. */
import { actionFor, beginsChord, type Action } from "../../commands/actions.ts";
import type { Pane } from "../../commands/ide.ts";
import type { InputEvent, KeyEvent } from "../../terminal/input/event.ts";

export interface KeyboardOptions {
  readonly pane: () => Pane;
  /** Offered before actions: the find bar. True when it took the event. */
  readonly intercept: (event: InputEvent) => boolean;
  readonly run: (action: Action) => void;
  /** The rest: what is typed into the pane in focus. */
  readonly pass: (event: InputEvent, pane: Pane) => void;
  readonly unknownChord: (keys: string) => void;
  readonly chordChanged: () => void;
}

export class Keyboard {
  readonly #options: KeyboardOptions;
  #chord: string | undefined;

  constructor(options: KeyboardOptions) {
    this.#options = options;
  }

  /** The first key of a chord whose second is awaited. */
  get chord(): string | undefined {
    return this.#chord;
  }

  handle(event: InputEvent): void {
    if (event.kind === "focus" || event.kind === "mouse") return;
    if (this.#chord !== undefined && this.#finishChord(event)) return;
    if (this.#options.intercept(event)) return;
    const pane = this.#options.pane();
    if (event.kind !== "key") return this.#options.pass(event, pane);
    this.#key(event, pane);
  }

  #key(event: KeyEvent, pane: Pane): void {
    if (beginsChord(event.name, pane)) return this.#setChord(event.name);
    const action = actionFor(event.name, pane);
    if (action) this.#options.run(action);
    else this.#options.pass(event, pane);
  }

  /** A paste or a run of text ends the chord and is taken as what it is; a single letter counts as its Ctrl key. */
  #finishChord(event: InputEvent): boolean {
    const first = this.#chord;
    this.#setChord(undefined);
    const second = secondKey(event);
    if (second === undefined) return false;
    if (second === "Escape") return true;
    const keys = `${first} ${second}`;
    const action = actionFor(keys, this.#options.pane());
    if (action) this.#options.run(action);
    else this.#options.unknownChord(keys);
    return true;
  }

  #setChord(chord: string | undefined): void {
    this.#chord = chord;
    this.#options.chordChanged();
  }
}

/** People let go of Ctrl between the two keys: Ctrl-K S means Ctrl-K Ctrl-S. */
function secondKey(event: InputEvent): string | undefined {
  if (event.kind === "key") return event.name;
  return event.kind === "text" && /^[a-z]$/i.test(event.text) ? `Ctrl-${event.text.toUpperCase()}` : undefined;
}

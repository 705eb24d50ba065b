/** What a viewer sees while there is no session to show: a sentence, and the way out. */
import { viewerKeys } from "../../commands/keys/viewer-keys.ts";
import type { Clock } from "../../base/clock.ts";
import { logBug } from "../../base/error-report.ts";
import type { Log } from "../../base/log.ts";
import { Scope } from "../../base/scope.ts";
import type { Terminal } from "../../base/terminal.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import { pressedKey } from "../../terminal/input/pressed-key.ts";
import type { Layer } from "../../terminal/layer.ts";
import { openScreen } from "../../terminal/screen.ts";
import { wrap } from "../../base/wrap.ts";
import { bold, dim } from "../views/styles.ts";
import { shortKey } from "../views/hint-line.ts";

/** What is waited for. */
export interface WaitingOptions {
  /** "Ada is not here; waiting." */
  readonly sentence: string;
  /** Resolves with true when the wait is over. Called again after each answer; a rejection ends the wait. */
  readonly over: () => Promise<boolean>;
  /** Aborted when the viewer has to leave. */
  readonly leaving: AbortSignal;
  readonly clock: Clock;
  readonly log: Log;
}

/** Milliseconds between the questions whether the wait is over. */
const askMs = 300;

/** Waits. Resolves with true when the wait is over, with false when the viewer left or the terminal closed. */
export async function waitOn(terminal: Terminal, options: WaitingOptions): Promise<boolean> {
  await using scope = new Scope("waiting viewer");
  const { clock, log, leaving } = options;
  const screen = scope.own(openScreen(terminal, { clock, onError: (error) => logBug(error, log) }));
  scope.own(screen.push(new Sentence(options.sentence)));
  return await new Promise<boolean>((resolve, reject) => {
    screen.gate = (event) => {
      if (viewerKeys.watch.commandFor(pressedKey(event)) === "leave") resolve(false);
      return false;
    };
    const leave = (): void => resolve(false);
    scope.own(terminal.onClose(leave));
    leaving.addEventListener("abort", leave);
    scope.defer(() => leaving.removeEventListener("abort", leave));
    if (terminal.closed || leaving.aborted) leave();
    const ask = async (): Promise<void> => {
      if (await options.over()) resolve(true);
      else if (!scope.closed) timer = clock.after(askMs, again);
    };
    const again = (): void => void ask().catch(reject);
    // Not at once: what has just failed would fail again and again.
    let timer = clock.after(askMs, again);
    scope.defer(() => timer[Symbol.dispose]());
  });
}

/** A layer with a sentence in the middle of the screen. */
export class Sentence implements Layer {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  draw(surface: Surface): void {
    const lines = [
      ...wrap(this.#text, surface.width - 2),
      "",
      ...wrap(`${shortKey(viewerKeys.watch.keyFor("leave"))} leaves.`, surface.width - 2),
    ].slice(0, surface.height);
    const top = Math.max(0, Math.floor((surface.height - lines.length) / 2));
    for (const [index, line] of lines.entries()) surface.put(top + index, 1, line, index === 0 ? bold : dim);
  }

  handle(): boolean {
    return false;
  }
}

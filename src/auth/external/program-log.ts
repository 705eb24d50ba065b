import type { Clock } from "../../base/clock.ts";
import { replaceUnseen, spellOut } from "../../base/invisible.ts";
import type { Log } from "../../base/log.ts";
import type { Secrets } from "./secrets.ts";

/** Lines a minute that are logged; the rest is counted. */
const maxAMinute = 60;
const minuteMs = 60_000;
const maxLine = 500;

/** What the login program writes to its standard error, as lines of our log. */
export class ProgramLog implements Disposable {
  readonly #log: Log;
  readonly #secrets: Secrets;
  readonly #clock: Clock;
  #rest = "";
  #logged = 0;
  #dropped = 0;
  #minute: Disposable | undefined;

  constructor(log: Log, secrets: Secrets, clock: Clock) {
    this.#log = log;
    this.#secrets = secrets;
    this.#clock = clock;
  }

  /** Takes what was read. */
  add(text: string): void {
    const lines = (this.#rest + text).split("\n");
    // A line without end would grow for ever.
    this.#rest = (lines.pop() ?? "").slice(0, 2 * maxLine);
    for (const line of lines) this.#line(line);
  }

  /** Logs what has not ended with a line end, and how much was left out. */
  [Symbol.dispose](): void {
    if (this.#rest !== "") this.#line(this.#rest);
    this.#rest = "";
    this.#minute?.[Symbol.dispose]();
    this.#endMinute();
  }

  #line(line: string): void {
    this.#minute ??= this.#clock.after(minuteMs, () => this.#endMinute());
    if (this.#logged >= maxAMinute) {
      this.#dropped += 1;
      return;
    }
    this.#logged += 1;
    const text = replaceUnseen(this.#secrets.cover(line), spellOut).slice(0, maxLine);
    this.#log.warn("the login program says", { text });
  }

  #endMinute(): void {
    if (this.#dropped > 0) this.#log.warn("the login program says much", { more: this.#dropped });
    this.#minute = undefined;
    this.#logged = 0;
    this.#dropped = 0;
  }
}

/** The slowest things of the last ten minutes. Memory and time are bounded, however many things happen. */
import type { Clock } from "./clock.ts";
import { timings } from "./measures.ts";

/** Something that took long. `what` is one of few fixed texts: nobody's name, no path. */
export interface SlowThing {
  readonly what: string;
  readonly seconds: number;
  /** How long ago it ended, in seconds. */
  readonly ago: number;
}

interface Noted {
  readonly what: string;
  readonly seconds: number;
  /** Monotonic milliseconds. */
  readonly at: number;
}

const minuteMs = 60_000;
const minutes = 10;
/** Things kept of each minute. */
const perMinute = 20;

/** What is timed on the paths that people wait on, in their words. */
const words: Readonly<Record<keyof typeof timings, string>> = {
  login: "login",
  firstPaint: "first screen of a login",
  keyToFrame: "key until it is shown",
  runStart: "start of a run",
  lockWait: "wait for a lock",
  statement: "database statement",
  jailStart: "start of a jail",
};

const names = Object.keys(timings) as readonly (keyof typeof timings)[];

/** Keeps the slowest of each minute. */
export class Slowest implements Disposable {
  readonly #clock: Clock;
  readonly #listeners: readonly Disposable[];
  /** The minutes that are kept, the newest last; of each the slowest things, the slowest first. */
  #kept: { readonly minute: number; things: readonly Noted[] }[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#listeners = names.map((name) => timings[name].listen((seconds) => this.note(words[name], seconds)));
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) listener[Symbol.dispose]();
  }

  /** Notes that something took so long. */
  note(what: string, seconds: number): void {
    const at = this.#clock.monotonic();
    const minute = Math.floor(at / minuteMs);
    let newest = this.#kept.at(-1);
    if (newest?.minute !== minute) {
      newest = { minute, things: [] };
      this.#kept = [...this.#kept.filter((each) => minute - each.minute < minutes), newest];
    }
    const { things } = newest;
    const least = things[perMinute - 1];
    if (least && least.seconds >= seconds) return;
    newest.things = [...things, { what, seconds, at }].toSorted((a, b) => b.seconds - a.seconds).slice(0, perMinute);
  }

  /** The slowest of the last ten minutes, the slowest first. */
  get list(): readonly SlowThing[] {
    const now = this.#clock.monotonic();
    return slowestOf(
      this.#kept
        .flatMap(({ things }) => things)
        .filter(({ at }) => now - at <= minutes * minuteMs)
        .map(({ what, seconds, at }) => ({ what, seconds, ago: (now - at) / 1000 })),
    );
  }
}

/** The slowest of some things, as many as are kept of a minute. */
export function slowestOf<Thing extends SlowThing>(things: readonly Thing[]): readonly Thing[] {
  return things.toSorted((a, b) => b.seconds - a.seconds).slice(0, perMinute);
}

/** Slow things in a value from another process; what is not one is left out. */
export function parseSlowThings(value: unknown): readonly SlowThing[] {
  if (!Array.isArray(value)) return [];
  return value.slice(0, perMinute).flatMap((each: unknown) => {
    const { what, seconds, ago } = (typeof each === "object" && each !== null ? each : {}) as Record<string, unknown>;
    if (typeof what !== "string" || typeof seconds !== "number" || typeof ago !== "number") return [];
    return [{ what: what.slice(0, 60), seconds, ago }];
  });
}

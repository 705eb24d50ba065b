/** What is counted of sessions: their runs and errors, and the time in which their owners do something. */
import type { Clock } from "../base/clock.ts";
import type { UsageCounter, UsagePerson } from "../classroom/usage-counter.ts";
import type { OutcomeName } from "../classroom/usage-names.ts";
import type { RunEnd } from "../runner/console-state.ts";
import type { Outcome } from "../runner/outcome.ts";
import type { SessionRegistry } from "./session-registry.ts";
import type { Workbench } from "./workbench.ts";

/** What is counted, and where. */
export interface SessionUsageOptions {
  readonly sessions: SessionRegistry;
  readonly usage: UsageCounter;
  readonly clock: Clock;
}

/** Milliseconds between two looks at who is active. */
const lookMs = 10_000;
/** Milliseconds without a key that still count as time in the IDE: for thinking, or reading a page. */
const thinkingMs = 5 * 60_000;

/** Counts what the sessions of this process are used for. */
export class SessionUsage implements Disposable {
  readonly #usage: UsageCounter;
  readonly #owners = new WeakMap<Workbench, UsagePerson>();
  readonly #timer: Disposable;

  constructor({ sessions, usage, clock }: SessionUsageOptions) {
    this.#usage = usage;
    let before = clock.monotonic();
    this.#timer = clock.every(lookMs, () => {
      const now = clock.monotonic();
      const passed = Math.min(now - before, 2 * lookMs); // of a machine that slept, nobody was there meanwhile
      before = now;
      for (const workbench of sessions.sessions) this.#noteActive(workbench, passed);
    });
  }

  /** Counts a session until it ends. */
  count(workbench: Workbench, owner: UsagePerson): void {
    const { consoles } = workbench;
    this.#owners.set(workbench, owner);
    consoles.onFinished(({ end }) => {
      this.#usage.run(owner, nameOf(end));
      const type = typeOf(end);
      if (type !== undefined && end.outcome.kind === "exited") this.#usage.error(owner, type);
    });
    consoles.follow((console) => console.onError(({ kind }) => this.#usage.error(owner, kind)));
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #noteActive(workbench: Workbench, passed: number): void {
    const owner = this.#owners.get(workbench);
    const { attachments, idleMs } = workbench.attendance;
    if (owner && attachments.length > 0 && idleMs < thinkingMs) this.#usage.active(owner, passed);
  }
}

/** The name under which the end of a run is counted. */
export function outcomeName(outcome: Outcome): OutcomeName {
  if (outcome.kind !== "exited") return outcome.kind;
  return outcome.status === 0 ? "ok" : "exit";
}

function nameOf(end: RunEnd): OutcomeName {
  const name = outcomeName(end.outcome);
  return name === "exit" && typeOf(end) !== undefined ? "error" : name;
}

/** The type of the error that ended a run; undefined where none did. */
function typeOf({ facts, error }: RunEnd): string | undefined {
  return facts?.kind ?? error?.split(":")[0];
}

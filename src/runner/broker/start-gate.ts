/**
 * Theory of operation: starting a Python takes a core for a tenth of a second, and a class that logs in at once, or
 * comes back after an outage, starts one each. All at once they would take seconds, the same for everybody, and
 * meanwhile nobody's keys would be drawn. So a few start at a time, and the others queue: programs that somebody waits
 * for first, then prompts, then spares.
 */

/** Who goes first, the most urgent first. */
export const urgencies = ["run", "prompt", "spare"] as const;
export type Urgency = (typeof urgencies)[number];

/** A start that takes longer (a disk that hangs, a machine that stands still) no longer holds up those behind it. */
const maxMs = 10_000;

/** One start: queued, then under way, then over. */
export class PendingStart implements Disposable {
  /** Fulfilled when the start may begin, or was given up before. */
  readonly ready: Promise<void>;
  urgency: Urgency;
  readonly #gate: StartGate;
  #grant: () => void = () => undefined;
  #state: "waiting" | "starting" | "over" = "waiting";
  #late: NodeJS.Timeout | undefined;

  constructor(gate: StartGate, urgency: Urgency) {
    this.#gate = gate;
    this.urgency = urgency;
    this.ready = new Promise((resolve) => {
      this.#grant = resolve;
    });
  }

  /** Raises the urgency: somebody waits for it by now. */
  hurry(): void {
    this.urgency = "run";
  }

  /** For the gate: lets it begin. */
  grant(): void {
    this.#state = "starting";
    this.#late = setTimeout(() => this[Symbol.dispose](), maxMs).unref();
    this.#grant();
  }

  /** Ends it: it has started, or never will. */
  [Symbol.dispose](): void {
    const before = this.#state;
    if (before === "over") return;
    this.#state = "over";
    clearTimeout(this.#late);
    if (before === "waiting") this.#gate.leave(this);
    else this.#gate.started();
    this.#grant();
  }
}

/** A queue of starts. */
export class StartGate {
  readonly #max: number;
  #starting = 0;
  /** First come first. At most one entry for each jail that may exist. */
  #line: PendingStart[] = [];

  /** `max` starts at a time. */
  constructor(max: number) {
    this.#max = max;
  }

  /** A new start in the queue. The caller disposes of it. */
  queue(urgency: Urgency): PendingStart {
    const turn = new PendingStart(this, urgency);
    this.#line.push(turn);
    this.#next();
    return turn;
  }

  /** For `PendingStart`: leaves the queue. */
  leave(turn: PendingStart): void {
    this.#line = this.#line.filter((other) => other !== turn);
  }

  /** For `PendingStart`: makes room for the next. */
  started(): void {
    this.#starting -= 1;
    this.#next();
  }

  #next(): void {
    while (this.#starting < this.#max) {
      const turn = this.#maxUrgent();
      if (!turn) return;
      this.leave(turn);
      this.#starting += 1;
      turn.grant();
    }
  }

  #maxUrgent(): PendingStart | undefined {
    for (const urgency of urgencies) {
      const first = this.#line.find((turn) => turn.urgency === urgency);
      if (first) return first;
    }
    return undefined;
  }
}

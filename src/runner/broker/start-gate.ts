/**
 * Theory of operation: starting a Python costs a core for a tenth of a second, and a class that logs in at once, or comes back
 * after a fault, starts one each. All at once they would take seconds, the same for everybody, and meanwhile nobody's key is drawn.
 * So a few start at a time, and the others stand in line: programs that somebody waits for first, then prompts, then spares.
 */

/** Who goes first, from the most urgent. */
export const urgencies = ["run", "prompt", "spare"] as const;
export type Urgency = (typeof urgencies)[number];

/** A start that takes longer (a disk that hangs, a machine that stands still) no longer holds up those behind it, in milliseconds. */
const maxMs = 10_000;

/** One start: in line, then under way, then over. */
export class PendingStart implements Disposable {
  /** Fulfilled when the start may begin, or when it was given up before. */
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

  /** Somebody waits for it by now. */
  hurry(): void {
    this.urgency = "run";
  }

  /** For the gate only. */
  grant(): void {
    this.#state = "starting";
    this.#late = setTimeout(() => this[Symbol.dispose](), maxMs).unref();
    this.#grant();
  }

  /** It has started, or never will. */
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

export class StartGate {
  readonly #most: number;
  #starting = 0;
  /** In the order in which they came. At most one for each jail there may be. */
  #line: PendingStart[] = [];

  /** Lets `most` start at a time. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a place in line. Whoever takes it disposes of it. */
  queue(urgency: Urgency): PendingStart {
    const turn = new PendingStart(this, urgency);
    this.#line.push(turn);
    this.#next();
    return turn;
  }

  /** For turns only: gives up its place. */
  leave(turn: PendingStart): void {
    this.#line = this.#line.filter((other) => other !== turn);
  }

  /** For turns only: makes room for another one. */
  started(): void {
    this.#starting -= 1;
    this.#next();
  }

  #next(): void {
    while (this.#starting < this.#most) {
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

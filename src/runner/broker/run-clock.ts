/**
 * How long a program has run: the greater of the CPU time that it used and the wall time in which it did not wait for
 * the person, or for us to take its output. CPU time alone would let it sleep for ever, wall time alone would count the
 * person's thinking. An endless printer mostly waits for us and needs hardly any CPU time, so its output has a limit of
 * its own, and counts like time: all of it is all of the time.
 *
 * At the limit the program is interrupted, so that its variables survive; if it does not stop within the grace time, or
 * goes on after having waited once, it is ended. The clock restarts only when the person presses Enter while the
 * program waits: a program can't do that for itself.
 */

/** A moment of a program's life. */
export interface ClockSample {
  /** Milliseconds on a clock that never jumps. */
  readonly now: number;
  readonly cpuSeconds: number;
  /** Bytes of output that were taken from it. */
  readonly printedBytes: number;
  /** Whether it waits for the person (or for the person's side to take its output). */
  readonly waiting: boolean;
  /** Whether it waits for its output to be taken, which is slowed down. */
  readonly heldBack: boolean;
}

/** What a program may use between two commands of its person. */
export interface ClockLimits {
  readonly runSeconds: number;
  readonly outputBytes: number;
}

/** What to do about the program. */
export type ClockDecision = "go-on" | "interrupt" | "end";

/**
 * Seconds that count at most between a check of a waiting program and the next check, which may be late, while the work
 * may just have begun.
 */
const maxAfterWaiting = 1;

/** Time in which a program must stop after the interrupt. */
export const graceSeconds = 2;

/** The clock of one program. */
export class RunClock {
  readonly #limits: ClockLimits;
  #phase: "stopped" | "running" | "grace" | "interrupted" = "stopped";
  #last = 0;
  /** Whether it waited at the last sample. */
  #waited = false;
  #wall = 0;
  #cpuAtStart = 0;
  #cpu = 0;
  #printedAtStart = 0;
  #reached: "time" | "output" = "time";
  /** In the grace time: when it ends. After it: the use that is still allowed. */
  #bound = 0;

  constructor(limits: ClockLimits) {
    this.#limits = limits;
  }

  /** Whether it interrupted the program, which has not been restarted since. */
  get expired(): boolean {
    return this.#phase === "grace" || this.#phase === "interrupted";
  }

  get running(): boolean {
    return this.#phase !== "stopped";
  }

  /** The limit for which it last interrupted or ended the program. */
  get reached(): "time" | "output" {
    return this.#reached;
  }

  /** Restarts the clock: the person gave a command or pressed Enter. */
  restart({ now, cpuSeconds, printedBytes }: Pick<ClockSample, "now" | "cpuSeconds" | "printedBytes">): void {
    this.#phase = "running";
    this.#waited = false;
    this.#last = now;
    this.#wall = 0;
    this.#cpuAtStart = cpuSeconds;
    this.#cpu = 0;
    this.#printedAtStart = printedBytes;
  }

  /** Counts the time since the last sample. */
  sample({ now, cpuSeconds, printedBytes, waiting, heldBack }: ClockSample): ClockDecision {
    if (this.#phase === "stopped") return "go-on";
    const since = (now - this.#last) / 1000;
    if (!waiting && !heldBack) this.#wall += this.#waited ? Math.min(since, maxAfterWaiting) : since;
    this.#waited = waiting || heldBack;
    this.#last = now;
    // Processes that nobody waited for take their CPU time with them: what was once seen stays counted.
    this.#cpu = Math.max(this.#cpu, cpuSeconds - this.#cpuAtStart);
    const { runSeconds, outputBytes } = this.#limits;
    const printed = ((printedBytes - this.#printedAtStart) / outputBytes) * runSeconds;
    const used = Math.max(this.#wall, this.#cpu, printed);
    switch (this.#phase) {
      case "running":
        if (used < runSeconds) return "go-on";
        this.#reached = used === printed ? "output" : "time";
        this.#phase = "grace";
        this.#bound = now + graceSeconds * 1000;
        return "interrupt";
      case "grace":
        if (waiting) {
          // It stopped, and has a prompt: a little more is allowed, for Tab and the like, until the next Enter.
          this.#phase = "interrupted";
          this.#bound = used + 1;
          return "go-on";
        }
        return now >= this.#bound ? "end" : "go-on";
      case "interrupted":
        return used >= this.#bound ? "end" : "go-on";
      default:
        return this.#phase satisfies never;
    }
  }
}

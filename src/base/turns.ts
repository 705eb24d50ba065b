/**
 * Theory of operation: one thread serves everybody, so work that somebody can order without end (parsing what a program prints) is done
 * in steps of a few milliseconds, one in each round of the event loop, with input and output of all others between them. Who has had
 * little is served at once. Who goes on is counted as heavy, rests three times as long as each step took, and after that waits in a
 * line with the other heavy ones, which share a quarter of the thread, however many they are: ten who flood take no more than one.
 */
import { startWork, type Clock } from "./clock.ts";

/** Rest for each millisecond of work. */
const rests = 3;
/** Milliseconds of rest that are due before it is taken: a timer takes one itself, which the first output of a run would wait. */
const minRest = 1;
/** Whoever had nothing to do for so long, in milliseconds, is not heavy any more. */
const forgiving = 50;

/** One for whom work is done. Dispose of it when there is none any more. */
export interface Turn extends Disposable {
  /** There is work. */
  request(): void;
}

interface Member {
  /** Does a piece of the work; true when there is more. */
  readonly step: () => boolean;
  /** Waits for its turn, works or rests: a further request changes nothing. */
  busy: boolean;
  heavy: boolean;
  /** Milliseconds of rest that it owes. */
  due: number;
  /** When its last piece of work was over. */
  last: number;
  rest: Disposable | undefined;
  gone: boolean;
}

export class Turns implements Disposable {
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  /** Those who had little, and the heavy ones; each in the order in which they came. */
  readonly #light: Member[] = [];
  readonly #heavy: Member[] = [];
  /** When the next heavy one may go on. */
  #heavyFrom = 0;
  #round: NodeJS.Immediate | undefined;
  #pause: Disposable | undefined;

  /** `failed` hears of an error that a step throws; the others go on. */
  constructor(clock: Clock, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#failed = failed;
  }

  join(step: () => boolean): Turn {
    const member: Member = {
      step,
      busy: false,
      heavy: false,
      due: 0,
      last: Number.NEGATIVE_INFINITY,
      rest: undefined,
      gone: false,
    };
    return {
      request: () => this.#request(member),
      [Symbol.dispose]: () => {
        member.gone = true;
        member.rest?.[Symbol.dispose]();
      },
    };
  }

  /** Nobody's work is done any more. */
  [Symbol.dispose](): void {
    if (this.#round) clearImmediate(this.#round);
    this.#pause?.[Symbol.dispose]();
    for (const member of [...this.#light, ...this.#heavy]) member.gone = true;
  }

  #request(member: Member): void {
    if (member.busy || member.gone) return;
    member.busy = true;
    if (member.heavy && this.#clock.monotonic() - member.last > forgiving) {
      member.heavy = false;
      member.due = 0;
    }
    this.#queue(member);
  }

  #queue(member: Member): void {
    (member.heavy ? this.#heavy : this.#light).push(member);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#round) return;
    const wait = this.#heavyFrom - this.#clock.monotonic();
    if (this.#light.length > 0 || (this.#heavy.length > 0 && wait <= 0)) {
      this.#round = setImmediate(() => this.#next());
    } else if (this.#heavy.length > 0 && !this.#pause) {
      this.#pause = this.#clock.after(Math.ceil(wait), () => {
        this.#pause = undefined;
        this.#schedule();
      });
    }
  }

  /** The heavy ones are not starved by many who have little: they come first when it is their time. */
  #next(): void {
    this.#round = undefined;
    const from = this.#heavy.length > 0 && this.#clock.monotonic() >= this.#heavyFrom ? this.#heavy : this.#light;
    const member = from.shift();
    if (member && !member.gone) this.#work(member);
    this.#schedule();
  }

  #work(member: Member): void {
    const work = startWork(this.#clock);
    let more = false;
    try {
      more = member.step();
    } catch (error) {
      this.#failed(error);
    }
    member.last = this.#clock.monotonic();
    const took = work();
    if (member.heavy) this.#heavyFrom = member.last + took * rests;
    member.due += took * rests;
    member.busy = more && !member.gone;
    if (member.due >= minRest) this.#rest(member);
    else if (member.busy) this.#queue(member);
  }

  /** Also who has nothing to do just now rests first: otherwise a little at a time would be as much as one likes. */
  #rest(member: Member): void {
    const { due } = member;
    const more = member.busy;
    member.due = 0;
    member.heavy = true;
    if (!more) return;
    member.rest = this.#clock.after(due, () => {
      member.rest = undefined;
      if (!member.gone) this.#queue(member);
    });
  }
}

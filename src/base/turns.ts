/**
 * Theory of operation: one thread serves everybody, so work that somebody can cause without end (parsing what a program
 * prints) is done in steps of a few milliseconds, one in each round of the event loop, with the input and output of all
 * others in between. Whoever has had little is served at once: where nobody waits, before the next round. Whoever goes on is heavy: they rest three times as long
 * as each step took and then wait in a line with the other heavy ones, which share a quarter of the thread, however
 * many they are: ten who flood take no more than one.
 */
import { startWork, type Clock } from "./clock.ts";

/** Milliseconds of rest for each millisecond of work. */
const rests = 3;
/** Rest that a heavy member takes at least, since a timer takes this long itself ... */
const minRestMs = 1;
/** ... and rest that may be due before somebody is heavy. It grows less while they have no work: a run prints a few lines in a few chunks. */
const maxDueMs = 12;
/** Idle time after which somebody is no longer heavy. */
const forgivingMs = 50;

/** A member's handle. Dispose of it when there will be no more work. */
export interface Turn extends Disposable {
  /** Announces work. */
  request(): void;
}

interface Member {
  /** Does a piece of the work; true when there is more. */
  readonly step: () => boolean;
  /** Whether it waits for its turn, works or rests: another request changes nothing. */
  busy: boolean;
  heavy: boolean;
  /** Milliseconds of rest still due. */
  due: number;
  /** When its last piece of work ended. */
  last: number;
  rest: Disposable | undefined;
  gone: boolean;
}

/** The turns of all who have work done on this thread. */
export class Turns implements Disposable {
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  /** Members who had little, and heavy ones; each first come first. */
  readonly #light: Member[] = [];
  readonly #heavy: Member[] = [];
  /** When the next heavy member may go on. */
  #heavyFrom = 0;
  #round: NodeJS.Immediate | undefined;
  #pause: Disposable | undefined;

  /** `failed` is called with an error that a step throws; the others go on. */
  constructor(clock: Clock, failed: (error: unknown) => void) {
    this.#clock = clock;
    this.#failed = failed;
  }

  /** A new member. `step` does a piece of its work, and is true when there is more. */
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

  /** Ends all work. */
  [Symbol.dispose](): void {
    if (this.#round) clearImmediate(this.#round);
    this.#pause?.[Symbol.dispose]();
    for (const member of [...this.#light, ...this.#heavy]) member.gone = true;
  }

  #request(member: Member): void {
    if (member.busy || member.gone) return;
    member.busy = true;
    const since = this.#clock.monotonic() - member.last;
    if (since > forgivingMs) member.heavy = false;
    if (!member.heavy) member.due = Math.max(0, member.due - since);
    if (!this.#now(member)) this.#queue(member);
  }

  /** The first piece of work in a round is done now. Otherwise a chunk with the output of many would be one long piece. */
  #now(member: Member): boolean {
    const free = !member.heavy && this.#light.length === 0 && this.#round === undefined;
    if (!free) return false;
    this.#round = setImmediate(() => this.#next());
    this.#work(member);
    return true;
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

  /** The next member. Heavy ones come first when their time has come, so that many light ones do not starve them. */
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
    if (member.due >= (member.heavy ? minRestMs : maxDueMs)) this.#rest(member);
    else if (member.busy) this.#queue(member);
  }

  /** Lets a member rest, even one without work at present: otherwise little pieces would add up to any amount. */
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

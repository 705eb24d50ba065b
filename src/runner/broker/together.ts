/**
 * Theory of operation: a person with several consoles has several jails, each with the limits of one. What all of them use together is
 * bounded here by what one may take at most: its limit, and the room beyond it that cgroups.ts leaves. Whoever works gets it: when the sum is
 * too large, the others are ended, those first that wait for the person, and among these the one that was used least recently. A program that
 * runs away alone meets its own limit before it costs the others theirs.
 */

/** The bounds of a sum, and whose it is. */
export interface TogetherLimits {
  /** Equal for all jails that are counted together. */
  readonly key: string;
  readonly bytes: number;
  readonly processes: number;
  readonly threads: number;
}

/** How a jail is ended for another: asked, when it waits for the person; at once otherwise. */
export type TogetherEnd = (how: "ask" | "kill") => void;

/** All sums of a broker. */
export class Together {
  readonly #parties = new Map<string, Set<JailShare>>();

  /** Counts a jail from now on; disposing the result ends that. */
  join(limits: TogetherLimits, end: TogetherEnd): JailShare {
    const { key } = limits;
    const party = this.#parties.get(key) ?? new Set();
    this.#parties.set(key, party);
    const member = new JailShare(limits, end, party, () => {
      party.delete(member);
      if (party.size === 0 && this.#parties.get(key) === party) this.#parties.delete(key);
    });
    party.add(member);
    return member;
  }
}

/** One jail of a sum. */
export class JailShare implements Disposable {
  readonly limits: TogetherLimits;
  readonly #end: TogetherEnd;
  readonly #party: ReadonlySet<JailShare>;
  readonly #left: () => void;
  #bytes = 0;
  #processes = 0;
  #threads = 0;
  #waits = false;
  #usedAt = performance.now();

  constructor(limits: TogetherLimits, end: TogetherEnd, party: ReadonlySet<JailShare>, left: () => void) {
    this.limits = limits;
    this.#end = end;
    this.#party = party;
    this.#left = left;
  }

  /** Notes that the person uses it. */
  touch(): void {
    this.#usedAt = performance.now();
    this.#waits = false;
  }

  /** Notes the memory that it uses. */
  uses(bytes: number): void {
    this.#bytes = bytes;
    this.#makeRoom();
  }

  /** Notes what runs in it, and whether that waits for the person. */
  has(processes: number, threads: number, waits: boolean): void {
    this.#processes = processes;
    this.#threads = threads;
    this.#waits = waits;
    this.#makeRoom();
  }

  [Symbol.dispose](): void {
    this.#left();
  }

  #makeRoom(): void {
    if (this.#party.size === 1 || !this.#party.has(this)) return;
    while (this.#isTooMuch) {
      const [victim] = [...this.#party].filter((each) => each !== this).toSorted(byUse);
      if (!victim) return;
      victim.#leave();
    }
  }

  /** It is out of the sum at once: it has a moment at most. */
  #leave(): void {
    this.#left();
    this.#end(this.#waits ? "ask" : "kill");
  }

  get #isTooMuch(): boolean {
    const all = [...this.#party];
    const sum = (of: (each: JailShare) => number): number => all.reduce((total, each) => total + of(each), 0);
    const most = (of: (limits: TogetherLimits) => number): number => Math.max(...all.map(({ limits }) => of(limits)));
    return (
      sum((each) => each.#bytes) > most(({ bytes }) => bytes) ||
      sum((each) => each.#processes) > most(({ processes }) => processes) ||
      sum((each) => each.#threads) > most(({ threads }) => threads)
    );
  }

  /** Whether it waits, and since when it was not used. */
  get use(): { readonly waits: boolean; readonly at: number } {
    return { waits: this.#waits, at: this.#usedAt };
  }
}

/** Those that wait come first, then those that were not used for longest. */
function byUse(one: JailShare, other: JailShare): number {
  return Number(other.use.waits) - Number(one.use.waits) || one.use.at - other.use.at;
}

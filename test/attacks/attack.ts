/**
 * An attack is a test with a row in docs/security.md: `npm run docs` loads every file of this directory without running its
 * tests, and writes what `attack` was called with. So the page names no attack that is not tried.
 */

/** The parts of the page, in its order. */
export const attackAreas = ["jail", "disk", "output", "connection", "login", "permissions", "files", "faults"] as const;

export interface AttackFacts {
  readonly area: (typeof attackAreas)[number];
  /** What somebody does: "signals every process (kill -1)". Also the title of the test. */
  readonly attack: string;
  /** What happens then: "reaches only its own processes". */
  readonly outcome: string;
  /** Where the outcome holds. Default: everywhere. */
  readonly holds?: "always" | "started as root" | "with control groups" | "with kernel quotas";
  /** What happens where it does not hold; only together with `holds`. */
  readonly otherwise?: string;
}

/** All attacks of the files loaded so far, in their order; an attack that is tried in several modes is there once for each. */
export const attacks: AttackFacts[] = [];

/** Declares a test (mocha's `it`) and its row. */
export function attack(facts: AttackFacts, body: Mocha.AsyncFunc | (() => void)): void {
  attacks.push(facts);
  it(facts.attack, body as Mocha.AsyncFunc);
}

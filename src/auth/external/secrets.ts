import type { Clock } from "../../base/clock.ts";

/** Time for which a secret is still covered after its request: the program's last words about it may come late. */
const lateMs = 10_000;

/** What people typed at the login and must reach no log. */
export class Secrets {
  readonly #clock: Clock;
  /** How many requests hold each. */
  readonly #held = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Covers a secret until a while after the returned function is called. */
  hold(secret: string): () => void {
    if (secret === "") return () => undefined;
    this.#held.set(secret, (this.#held.get(secret) ?? 0) + 1);
    return () => void this.#clock.after(lateMs, () => this.#forget(secret));
  }

  /** The text with every secret covered, also as JSON, an address or Base64 spells it. */
  cover(text: string): string {
    // Longest first: one may be part of another. In one pass: what covers one is no other.
    const forms = [...new Set([...this.#held.keys()].flatMap(spellings))].toSorted((a, b) => b.length - a.length);
    if (forms.length === 0) return text;
    return text.replaceAll(new RegExp(forms.map(literally).join("|"), "g"), "***");
  }

  #forget(secret: string): void {
    const left = (this.#held.get(secret) ?? 0) - 1;
    if (left > 0) this.#held.set(secret, left);
    else this.#held.delete(secret);
  }
}

function spellings(secret: string): readonly string[] {
  // Half a surrogate pair, which no address can spell.
  const wellFormed = Buffer.from(secret).toString();
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(wellFormed),
    Buffer.from(wellFormed).toString("base64").replace(/=+$/, ""),
  ];
}

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
}

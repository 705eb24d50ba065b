import type { KeyBinding } from "./key-context.ts";

/** An entry of a page of keys, for one command or several that belong together. */
export interface KeyEntry {
  /** "Enter or Space"; "Up, Down" when they do something alike; "Home or Ctrl-A; End or Ctrl-E". */
  readonly keys: string;
  readonly does: string;
}

/**
 * The entries for bindings, in their order, without those that have no key. At most `max` keys are shown per command,
 * by default all.
 */
export function keyEntries(bindings: readonly KeyBinding[], max = Infinity): readonly KeyEntry[] {
  const entries: { parts: string[]; does: string }[] = [];
  for (const { keys, does } of bindings) {
    if (keys.length === 0) continue;
    const part = anyOf(keys.slice(0, max));
    const last = entries.at(-1);
    if (last?.does === does) last.parts.push(part);
    else entries.push({ parts: [part], does });
  }
  return entries.map(({ parts, does }) => ({
    keys: parts.join(parts.some((part) => part.includes(" or ")) ? "; " : ", "),
    does,
  }));
}

/** Keys in words: "F5", "F5 or Ctrl-R", "q, Escape or Enter". */
export function anyOf(keys: readonly string[]): string {
  return keys.length < 2 ? keys.join("") : `${keys.slice(0, -1).join(", ")} or ${keys.at(-1)}`;
}

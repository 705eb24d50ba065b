import type { InputEvent } from "./event.ts";

/**
 * The name by which the tables of keys know an event: a key's canonical name, or the single character that was typed,
 * the space bar as "Space". Undefined for everything else, also for several characters that arrived together: those are
 * text.
 */
export function pressedKey(event: InputEvent): string | undefined {
  if (event.kind === "key") return event.name;
  if (event.kind !== "text") return undefined;
  if (event.text === " ") return "Space";
  return /^.$/u.test(event.text) ? event.text : undefined;
}

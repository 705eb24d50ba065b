/** What a console itself says between the outputs of Python. */
import { replaceUnseen, spellOut } from "../base/invisible.ts";
import { describe, type Outcome } from "./outcome.ts";
import type { ScriptResult } from "./script-result.ts";

/** What stands above all that a new Python prints. */
export function headline(text: string): string {
  return `\x1b[1m=== ${text} ===\x1b[0m\r\n`;
}

/** A file's name with control and unseen characters spelled out: the terminal must not obey them. */
export function spelledOut(name: string): string {
  return replaceUnseen(name, spellOut);
}

/** The end of a program, and how it goes on; undefined where it ended well: the prompt tells. */
export function outcomeLine(outcome: Outcome, { waits, error, syntaxError }: ScriptResult): string | undefined {
  if (outcome.kind === "exited" && outcome.status === 0) return undefined;
  const variables = error !== undefined && !syntaxError ? " with its variables" : "";
  const next = waits ? ` Press Enter for a prompt${variables}.` : "";
  return `${describe(outcome)}${next}\r\n`;
}

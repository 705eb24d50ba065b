/** What runner.py says about a script that has ended. The program could have written it: for display only. */
import { replaceUnseenInText } from "../base/invisible.ts";

/** The end of a script as runner.py saw it. */
export interface ScriptResult {
  readonly status: number;
  readonly errorLine?: number;
  readonly syntaxError?: boolean;
  readonly interrupted: boolean;
  readonly outOfMemory: boolean;
  /** Whether it waits for Enter before it opens its prompt. */
  readonly waits: boolean;
  /** "NameError: name 'x' is not defined": one printable line of at most 200 characters. */
  readonly error?: string;
}

const maxError = 200;

/** The result in a mark; undefined for anything that runner.py does not write. */
export function parseResult(text: string): ScriptResult | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // a forged mark
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { status = 0, line, syntax, interrupted, memory, error, waits } = value as Record<string, unknown>;
  if (!isWhole(status, 0, 255)) return undefined;
  return {
    status,
    ...(isWhole(line, 1, Number.MAX_SAFE_INTEGER) ? { errorLine: line } : {}),
    ...(typeof syntax === "boolean" ? { syntaxError: syntax } : {}),
    interrupted: interrupted === true,
    outOfMemory: memory === true,
    waits: waits === true,
    ...(typeof error === "string" && error !== "" ? { error: oneLine(error) } : {}),
  };
}

/** The text of an error as one line. It is the program's: it may contain escapes, many lines, lone surrogates. */
function oneLine(text: string): string {
  return Buffer.from(
    replaceUnseenInText(text.replace(/[\p{Cc}\s]+/gu, " "), () => " ")
      .trim()
      .slice(0, maxError),
  ).toString();
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}

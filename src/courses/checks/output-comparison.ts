/** What a program printed, beside what was expected. */
import type { OutputCheck } from "../assignment-yaml.ts";

/** Whether two texts are the same in the way that a check compares them. */
export function sameText(actual: string, expected: string, how: OutputCheck["compare"], tolerance = 1e-6): boolean {
  if (how === "exact") return actual === expected;
  if (how === "lines") return trimmedLines(actual) === trimmedLines(expected);
  const [one, other] = [tokensOf(actual), tokensOf(expected)];
  return (
    one.length === other.length &&
    one.every((token, index) => token === other[index] || (how === "numbers" && near(token, other[index], tolerance)))
  );
}

/** Lines without blanks at their ends, without empty ones at the end of all. */
function trimmedLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .join("\n")
    .trimEnd();
}

function tokensOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((token) => token !== "");
}

const number = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

function near(one: string, other: string | undefined, tolerance: number): boolean {
  if (other === undefined || !number.test(one) || !number.test(other)) return false;
  const [a, b] = [Number(one), Number(other)];
  return Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

/** How locks and those who wait for them are called in the tables. */
import { createHash } from "node:crypto";

/** As the tables' checks say, in bytes. */
const maxName = 1000;
const keptOfLongNames = 900;

/** Names longer than the tables take keep their beginning, for people, and a hash. */
export function keyOf(name: string): string {
  if (Buffer.byteLength(name) <= maxName) return name;
  const hash = createHash("sha256").update(name).digest("hex");
  const beginning = Buffer.from(name)
    .subarray(0, keptOfLongNames)
    .toString("utf8")
    .replace(/\uFFFD$/, "");
  return `${beginning}…${hash}`;
}

/** One among all processes; lists and notifications make the same. */
export function waiterId(node: string, request: number): string {
  return `${node}/${request}`;
}

/** Names of locks and waiters in the tables. */
import { createHash } from "node:crypto";

/** Bytes that the tables' checks allow. */
const maxName = 1000;
const keptOfLongNames = 900;

/** The key of a lock: its name, or the beginning of a long one, for people to read, and a hash. */
export function keyOf(name: string): string {
  if (Buffer.byteLength(name) <= maxName) return name;
  const hash = createHash("sha256").update(name).digest("hex");
  const beginning = Buffer.from(name)
    .subarray(0, keptOfLongNames)
    .toString("utf8")
    .replace(/\uFFFD$/, "");
  return `${beginning}…${hash}`;
}

/** The id of a waiter, unique among all processes; lists and notifications build the same. */
export function waiterId(node: string, request: number): string {
  return `${node}/${request}`;
}

/** Who comes, as the node with the person's connection tells the node with the person's session. */
import type { TerminalSize } from "../base/terminal.ts";

export interface Hello {
  readonly session: string;
  readonly username: string;
  /** The person's own address, not the node's. */
  readonly address: string;
  /** The login at the other node found an initial password: to change it, the person need not type it again. */
  readonly knowsInitialPassword: boolean;
  readonly term: string;
  readonly env: readonly (readonly [string, string])[];
  readonly size: TerminalSize;
  /** `username` attaches to somebody else's session, in this mode; undefined: it is the person's own. */
  readonly watch?: string | undefined;
}

/** Undefined for what is none: other versions of classh may say other things. */
export function parseHello(payload: Buffer): Hello | undefined {
  const value = parseObject(payload);
  if (!value) return undefined;
  const { session, username, address, knowsInitialPassword, term, env, size, watch } = value;
  const shown = sizeOf(size);
  const texts = [session, username, address, term];
  if (!shown || !texts.every((text) => typeof text === "string") || !Array.isArray(env)) return undefined;
  const pairs = env.filter(
    (pair): pair is [string, string] =>
      Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string"),
  );
  // An older node says nothing about the password: then it is asked for.
  const person = {
    session: String(session),
    username: String(username),
    address: String(address),
    knowsInitialPassword: knowsInitialPassword === true,
  };
  return { ...person, term: String(term), env: pairs, size: shown, ...(typeof watch === "string" ? { watch } : {}) };
}

export function parseSize(payload: Buffer): TerminalSize | undefined {
  return sizeOf(parseObject(payload));
}

function sizeOf(value: unknown): TerminalSize | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { columns, rows } = value as Record<string, unknown>;
  return isCount(columns) && isCount(rows) ? { columns, rows } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value <= 1000;
}

function parseObject(payload: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString());
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

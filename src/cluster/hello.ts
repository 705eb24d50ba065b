/** The first message on a stream, from the node with the person's connection to the node with the session. */
import type { TerminalSize } from "../base/terminal.ts";

/** Who comes, to which session, with what terminal. */
export interface Hello {
  readonly session: string;
  readonly username: string;
  /** Address of the person, not of the node. */
  readonly address: string;
  /** Whether the login at the other node was with an initial password: then it need not be typed again to change it. */
  readonly knowsInitialPassword: boolean;
  readonly term: string;
  readonly env: readonly (readonly [string, string])[];
  readonly size: TerminalSize;
  /** The byte that the Backspace key sends; undefined when the client did not say, or an older node does not. */
  readonly erase?: number | undefined;
  /** Mode in which `username` attaches to somebody else's session; undefined for their own. */
  readonly watch?: string | undefined;
}

/** The hello in a payload; undefined for anything else, since other versions of classh may send more. */
export function parseHello(payload: Buffer): Hello | undefined {
  const value = parseObject(payload);
  if (!value) return undefined;
  const { session, username, address, knowsInitialPassword, term, env, size, erase, watch } = value;
  const shown = sizeOf(size);
  const texts = [session, username, address, term];
  if (!shown || !texts.every((text) => typeof text === "string") || !Array.isArray(env)) return undefined;
  const pairs = env.filter(
    (pair): pair is [string, string] =>
      Array.isArray(pair) && pair.length === 2 && pair.every((part) => typeof part === "string"),
  );
  // An older node does not say: then the password is asked for.
  const person = {
    session: String(session),
    username: String(username),
    address: String(address),
    knowsInitialPassword: knowsInitialPassword === true,
  };
  return {
    ...person,
    term: String(term),
    env: pairs,
    size: shown,
    ...(typeof erase === "number" ? { erase } : {}),
    ...(typeof watch === "string" ? { watch } : {}),
  };
}

/** The size in a payload; undefined for anything else. */
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

/** Short requests between nodes: one JSON line in each direction, on a stream of its own. */
import type { Duplex } from "node:stream";
import { UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import { parseSlowThings, type SlowThing } from "../base/slowest.ts";
import { parseFigures, type NodeFigures } from "./node-figures.ts";

/** A request of one node to another. */
export type NodeRequest =
  /** Ends this session; its person reads the reason. */
  | { readonly kind: "kick"; readonly session: string; readonly reason: string }
  /** Ends this session if its person is away: somebody who is here needs its room. */
  | { readonly kind: "retire"; readonly session: string }
  /** Ends everything that these people have open: sessions, terminals, connections. */
  | { readonly kind: "leave"; readonly usernames: readonly string[]; readonly reason: string }
  /** Takes no more sessions, ends those that there are, then the process. */
  | { readonly kind: "drain" }
  /** Asks for the node's figures. */
  | { readonly kind: "figures" }
  /** Asks what took long there. */
  | { readonly kind: "slowest" };

/** The answer; `done` is false when there was nothing to do. */
export interface NodeAnswer {
  readonly done: boolean;
  readonly figures?: NodeFigures | undefined;
  readonly slowest?: readonly SlowThing[] | undefined;
}

const maxLine = 64 << 10;
/** How long an answer is waited for: ending a session first saves its text. */
const patienceMs = 10_000;

/** Sends a request over a stream, and closes it. Rejects with `node-unreachable`. */
export async function ask(stream: Duplex, request: NodeRequest, clock: Clock): Promise<NodeAnswer> {
  using _timer = clock.after(patienceMs, () => stream.destroy());
  try {
    stream.write(`${JSON.stringify(request)}\n`);
    const answer = parse(await readLine(stream));
    if (answer && typeof answer.done === "boolean")
      return {
        done: answer.done,
        figures: parseFigures(answer.figures),
        slowest: parseSlowThings(answer.slowest),
      };
    throw new UserError("node-unreachable", "the other server did not answer", "Try again in a few seconds.");
  } finally {
    stream.destroy();
  }
}

/** Reads a request and sends the answer. */
export async function reply(stream: Duplex, answer: (request: NodeRequest) => Promise<NodeAnswer>): Promise<void> {
  const request = requestIn(parse(await readLine(stream)));
  if (!request) {
    stream.destroy();
    return;
  }
  stream.end(`${JSON.stringify(await answer(request))}\n`);
}

type Fields = Readonly<Record<string, unknown>>;

/** How each kind of request is read; undefined when its fields are wrong. */
const readers: { readonly [Kind in NodeRequest["kind"]]: (fields: Fields) => NodeRequest | undefined } = {
  kick: ({ session, reason }) => (isText(session) && isText(reason) ? { kind: "kick", session, reason } : undefined),
  retire: ({ session }) => (isText(session) ? { kind: "retire", session } : undefined),
  leave: ({ usernames, reason }) =>
    Array.isArray(usernames) && usernames.every(isText) && isText(reason)
      ? { kind: "leave", usernames, reason }
      : undefined,
  drain: () => ({ kind: "drain" }),
  figures: () => ({ kind: "figures" }),
  slowest: () => ({ kind: "slowest" }),
};

function requestIn(fields: Fields | undefined): NodeRequest | undefined {
  const kind = fields?.kind;
  return fields && isKind(kind) ? readers[kind](fields) : undefined;
}

function isKind(value: unknown): value is NodeRequest["kind"] {
  return isText(value) && Object.hasOwn(readers, value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

/** The first line of a stream; "" when the stream ends before. */
function readLine(stream: Duplex): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const done = (): void => {
      stream.off("data", more);
      resolve(text.slice(0, Math.max(0, text.indexOf("\n"))));
    };
    const more = (chunk: Buffer): void => {
      text += chunk.toString();
      if (text.includes("\n") || text.length > maxLine) done();
    };
    stream.on("data", more);
    stream.once("end", done);
    stream.once("close", done);
  });
}

function parse(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Fields) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

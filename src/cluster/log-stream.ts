/**
 * The log of a node, followed from another one. The caller sends its filter as a line of JSON; then every line of the
 * log that the filter lets through comes as it was logged, and, when the caller reads too slowly, a line with how many
 * were dropped. Closing the stream ends it.
 */
import type { Duplex } from "node:stream";
import { BoundedLines } from "../base/bounded-lines.ts";
import { logLevels, type LogLevel } from "../base/log.ts";
import { recordOf, type LogFilter, type LogLines } from "../base/log-lines.ts";

/** Characters of an unfinished line: none of the log's is longer (`maxLine` in base/log-lines). */
const maxUnfinished = 64 << 10;
/** Followers from other nodes at once. */
const maxFollowers = 32;

/** The log of this node, for others. */
export class LogStreams {
  readonly #lines: LogLines;
  #followers = 0;

  constructor(lines: LogLines) {
    this.#lines = lines;
  }

  /** Serves one follower until the stream ends. */
  serve(stream: Duplex): void {
    if (this.#followers >= maxFollowers) return void stream.destroy();
    this.#followers += 1;
    const bounded = boundedOn(stream);
    let following: Disposable | undefined;
    readLines(stream, (line) => {
      const filter = filterOf(line);
      if (!filter) stream.destroy();
      else following ??= this.#lines.follow(filter, (each) => bounded.add(each));
    });
    stream.once("end", () => stream.end());
    stream.once("close", () => {
      following?.[Symbol.dispose]();
      this.#followers -= 1;
    });
  }
}

/** Follows a node's log over a stream, until either side closes it. */
export function followOver(stream: Duplex, filter: LogFilter, take: (line: string) => void): void {
  readLines(stream, take);
  stream.write(`${JSON.stringify(filter)}\n`);
}

/** Lines on a stream, with the count of those that there was no room for. */
export function boundedOn(stream: Pick<Duplex, "write" | "destroyed">): BoundedLines {
  return new BoundedLines({
    send(line, sent) {
      if (!stream.destroyed) stream.write(`${line}\n`, () => sent());
    },
    dropped: (dropped) => JSON.stringify({ dropped }),
  });
}

function filterOf(line: string): LogFilter | undefined {
  const { level, user } = recordOf(line) ?? {};
  if (!logLevels.includes(level as LogLevel) || (user !== undefined && typeof user !== "string")) return undefined;
  return { level: level as LogLevel, user };
}

/** Calls `take` with each whole line; a stream that sends too long a one is destroyed. */
function readLines(stream: Duplex, take: (line: string) => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") take(line);
    if (rest.length > maxUnfinished) stream.destroy();
  });
}

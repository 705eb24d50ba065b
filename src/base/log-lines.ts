/** The lines of a process's log for those who follow it: its own, and what its primary passes on to it. */
import { logLevels, type Log, type LogLevel } from "./log.ts";
import { Emitter, type Event } from "./events.ts";
import { disposable } from "./scope.ts";

/** Which lines somebody wants. */
export interface LogFilter {
  /** The least level. */
  readonly level: LogLevel;
  /** Lines about this account only. */
  readonly user?: string | undefined;
}

/** A line's fields. */
export type LogRecord = Readonly<Record<string, unknown>>;

/** A longer line goes to followers without its other fields: it stands whole in the log. */
const maxLine = 16 << 10;

/** The hub of one process. While nobody follows, a line costs nothing. */
export class LogLines {
  readonly #log: Log;
  readonly #lines = new Emitter<string>();
  readonly #wanted = new Emitter<boolean>();
  #own: Disposable | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Fires with true when the first follower comes, with false when the last has left. */
  get onWanted(): Event<boolean> {
    return this.#wanted.on;
  }

  /** Passes on a line that another process of this server has logged. */
  add(line: string): void {
    this.#lines.emit(line);
  }

  /** Calls `take` with every line that the filter lets through, until disposed. */
  follow(filter: LogFilter, take: (line: string) => void): Disposable {
    const listener = this.#lines.on((line) => {
      const record = recordOf(line);
      if (record && isWanted(record, filter)) take(line.length > maxLine ? shortened(record) : line);
    });
    if (this.#lines.listenerCount === 1) {
      this.#own = this.#log.onLine?.((line) => this.#lines.emit(line));
      this.#wanted.emit(true);
    }
    return disposable(() => {
      listener[Symbol.dispose]();
      if (this.#lines.listenerCount > 0) return;
      this.#own?.[Symbol.dispose]();
      this.#own = undefined;
      this.#wanted.emit(false);
    });
  }
}

/** A line's fields; undefined for what is no line of a log. */
export function recordOf(line: string): LogRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as LogRecord) : undefined;
  } catch {
    return undefined; // half a line, from a process that ended
  }
}

/** The fields that name an account, by the parts that log them. */
const accountFields = ["user", "username", "actor"] as const;

/** Whether a filter lets a line through. */
export function isWanted(record: LogRecord, { level, user }: LogFilter): boolean {
  const known = logLevels.indexOf(record["level"] as LogLevel);
  if (known > logLevels.indexOf(level)) return false;
  return user === undefined || accountFields.some((field) => record[field] === user);
}

function shortened({ level, message, timestamp, user, session, run, worker }: LogRecord): string {
  return JSON.stringify({ level, message, timestamp, user, session, run, worker, shortened: true });
}

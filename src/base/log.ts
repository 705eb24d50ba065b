/**
 * The server's log: a fixed message and fields, as JSON lines. It never holds keystrokes, file contents or secrets. A
 * log call never throws and never waits; log-writer.ts deals with lines that can't be written.
 */
import { writeSync } from "node:fs";
import { Writable } from "node:stream";
import winston from "winston";
import { systemClock } from "./clock.ts";
import { Emitter, type Event } from "./events.ts";
import { LogDescriptor, LogFile, LogWriter, type LogHealth } from "./log-writer.ts";

export type Fields = Record<string, unknown>;

/** A log; messages are fixed texts, and what varies is in the fields. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** A log that adds `fields` to every line; a function is asked for each line. */
  child(fields: Fields | (() => Fields)): Log;
  /** Fires with every line of this process as it is written; absent for a log that writes nowhere. */
  readonly onLine?: Event<string>;
  /** State of the log; absent for one that writes nowhere. */
  readonly health?: () => LogHealth;
  /** Resolves when everything so far is written, or can't be. */
  readonly flush?: () => Promise<void>;
}

/** The levels, the gravest first. */
export const logLevels = ["error", "warn", "info", "debug"] as const;

export type LogLevel = (typeof logLevels)[number];

/** A log that writes JSON lines to standard error, or to `file` (rotated at 10 MiB, 5 files kept). */
export function createLog(options: { level: LogLevel; file?: string }): Log {
  const { level, file } = options;
  const standardError = new LogDescriptor(process.stderr.fd);
  const writer = new LogWriter({
    target: file ? new LogFile(file) : standardError,
    clock: systemClock,
    lossLine: (loss) =>
      JSON.stringify({ level: "warn", message: "log lines were lost", ...loss, timestamp: new Date().toISOString() }),
    // The one other place where somebody may look.
    onBroken: endInOrder,
    onFailing: (why) =>
      file &&
      void standardError
        .write(`classh: the log ${file} can't be written (${why}); still trying\n`)
        .catch(() => undefined), // its reader is gone as well, and there is nowhere else to say it
  });
  const lines = new Emitter<string>();
  const stream = new Writable({
    decodeStrings: false,
    write(text: string, _encoding, done) {
      const line = text.trimEnd();
      writer.add(line);
      done();
      if (lines.listenerCount > 0) lines.emit(line);
    },
  });
  const format = winston.format.combine(winston.format.timestamp(), winston.format.json());
  const logger = winston.createLogger({ level, format, transports: [new winston.transports.Stream({ stream })] });
  const broken = (error: unknown): void =>
    writer.add(JSON.stringify({ level: "error", message: "a line could not be logged", why: String(error) }));
  logger.on("error", broken);
  return wrap({ logger, writer, broken, onLine: lines.on }, () => ({}));
}

/** A log that discards everything. */
export const silentLog: Log = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLog,
};

function ignore(): void {}

/**
 * Ends the process, since without a log nobody would hear of anything. SIGTERM is an orderly shutdown of a server, or
 * of one worker.
 */
function endInOrder(error: unknown): void {
  try {
    writeSync(
      process.stderr.fd,
      `classh: the log can no longer be written, so this process shuts down: ${String(error)}\n`,
    );
  } catch {
    // Nobody reads standard error either; only the exit status is left to tell.
  }
  process.kill(process.pid, "SIGTERM");
}

interface Parts {
  readonly logger: winston.Logger;
  readonly writer: LogWriter;
  readonly broken: (error: unknown) => void;
  readonly onLine: Event<string>;
}

function wrap(parts: Parts, base: () => Fields): Log {
  const { logger, writer, broken, onLine } = parts;
  const write = (level: LogLevel) => (message: string, fields?: Fields) => {
    try {
      logger.log({ ...base(), ...plain(fields ?? {}), level, message });
    } catch (error) {
      broken(error);
    }
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => wrap(parts, () => ({ ...base(), ...(typeof fields === "function" ? fields() : fields) })),
    onLine,
    health: () => writer.health,
    flush: () => writer.flush(),
  };
}

/** Fields with errors spelled out: an Error has no enumerable fields, so JSON would show `{}`. */
function plain(fields: Fields): Fields {
  const result: Fields = {};
  for (const [key, value] of Object.entries(fields)) {
    result[key] = value instanceof Error ? describe(value) : value;
  }
  return result;
}

function describe(error: Error): Fields {
  const fields: Fields = { name: error.name, message: error.message, stack: error.stack };
  if (error.cause instanceof Error) fields.cause = describe(error.cause);
  if (error instanceof AggregateError) fields.errors = error.errors.map((e) => (e instanceof Error ? describe(e) : e));
  return fields;
}

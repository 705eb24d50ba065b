/** The server's log: a fixed message and fields, as JSON lines. Never keystrokes, file contents or secrets. */
import winston from "winston";

export type Fields = Record<string, unknown>;

export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
  /** A log that adds `fields` to every line. */
  child(fields: Fields): Log;
}

export type LogLevel = "debug" | "info" | "warn" | "error";

/** A log that writes JSON lines to standard error, or to `file` when one is given (rotated at 10 MiB, 5 files kept). */
export function createLog(options: { level: LogLevel; file?: string }): Log {
  const transport = options.file
    ? new winston.transports.File({ filename: options.file, maxsize: 10 << 20, maxFiles: 5, tailable: true })
    : new winston.transports.Stream({ stream: process.stderr });
  const format = winston.format.combine(winston.format.timestamp(), winston.format.json());
  return wrap(winston.createLogger({ level: options.level, format, transports: [transport] }), {});
}

/** A log that drops everything. */
export const silentLog: Log = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  child: () => silentLog,
};

function ignore(): void {}

function wrap(logger: winston.Logger, base: Fields): Log {
  const write = (level: LogLevel) => (message: string, fields?: Fields) => {
    logger.log({ ...base, ...plain(fields ?? {}), level, message });
  };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => wrap(logger, { ...base, ...fields }),
  };
}

/** Errors have no enumerable fields, so JSON would show `{}`: spell out what a reader needs. */
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

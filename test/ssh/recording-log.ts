import type { Fields, Log } from "../../src/base/log.ts";

export interface RecordingLog extends Log {
  readonly lines: { readonly message: string; readonly fields: Fields }[];
}

/** A log whose lines a test can read. */
export function recordingLog(): RecordingLog {
  const lines: { message: string; fields: Fields }[] = [];
  const write = (message: string, fields: Fields = {}): void => void lines.push({ message, fields });
  const log: RecordingLog = { lines, debug: write, info: write, warn: write, error: write, child: () => log };
  return log;
}

/** The texts of all errors and reasons that were logged. */
export function reasons(log: RecordingLog): string[] {
  return log.lines.map(({ fields }) => {
    if (fields.error instanceof Error) return fields.error.message;
    return typeof fields.reason === "string" ? fields.reason : "";
  });
}

/**
 * The lines of a list as spreadsheets and course systems write it, in any of their encodings, delimiters and line ends.
 */
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { parse, type CsvError } from "csv-parse";
import type { RosterProblem } from "../auth/roster.ts";
import { UserError } from "../base/errors.ts";

/** Most bytes of a list: a class has some hundred people, so a larger file is the wrong one. */
export const maxRosterBytes = 10 * 2 ** 20;
/** Most people in a list. */
export const maxRosterRows = 10_000;
/**
 * Most bytes of a line: an unclosed quote would make one cell of the rest of the file. A gradebook's line with all its
 * assignments fits.
 */
const maxRowBytes = 64 * 1024;
const piece = 64 * 1024;
/** Excel's own line about the delimiter, before the header. */
const separatorLine = /^\ufeff?sep=(.)(\r\n|\r|\n)/i;
const delimiters = [",", ";", "\t", "|"] as const;

/** A line that is not blank. */
export interface Line {
  /** Its number in the file, from 1. */
  readonly number: number;
  readonly cells: readonly string[];
}

/** The lines of a list. */
export interface RosterText {
  readonly lines: readonly Line[];
  /** Lines that are not CSV. */
  readonly problems: RosterProblem[];
  /** What the person should know about how it was read; undefined for an ordinary list. */
  readonly note: string | undefined;
  /** Whether the last line has no line end. */
  readonly open: boolean;
}

/** Reads the lines. Throws `bad-roster` for what is not text, `too-large` beyond the bounds. */
export async function readRosterText(bytes: Buffer): Promise<RosterText> {
  if (bytes.length > maxRosterBytes)
    throw new UserError(
      "too-large",
      `the list is larger than ${maxRosterBytes / 2 ** 20} MiB`,
      "Is it the right file? If so, send it in parts.",
    );
  const { text, note } = decoded(bytes);
  const told = separatorLine.exec(text)?.[1];
  // Replaced by a blank line, so that line numbers stay those of the file.
  const body = told === undefined ? text : text.replace(separatorLine, "\n");
  return {
    ...(await readLines(Buffer.from(body), told ?? delimiterOf(body))),
    note,
    open: !/[\r\n]$/.test(body) && body !== "",
  };
}

function decoded(bytes: Buffer): { readonly text: string; readonly note: string | undefined } {
  if (bytes.subarray(0, 4).toString("latin1") === "PK\u0003\u0004") {
    throw new UserError(
      "bad-roster",
      "this is a spreadsheet (xlsx), not a CSV list",
      'Save it as "CSV UTF-8" in the spreadsheet.',
    );
  }
  const wide = wideEncodingOf(bytes);
  if (wide) return { text: decode(bytes, wide), note: undefined };
  if (bytes.includes(0))
    throw new UserError(
      "bad-roster",
      "the list is not plain text: it contains NUL bytes",
      'Save it as "CSV UTF-8" in the spreadsheet.',
    );
  try {
    return { text: decode(bytes, "utf-8"), note: undefined };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Windows-1252 has a character for nearly every byte, so nothing tells whether it was meant, and the person is
    // asked to check.
    return {
      text: decode(bytes, "windows-1252"),
      note: "The list is not in UTF-8, so it was read as Windows-1252. Check that names with accents are right.",
    };
  }
}

/** UTF-16 by its byte order mark, or by a first line in which every second byte is zero. */
function wideEncodingOf(bytes: Buffer): "utf-16le" | "utf-16be" | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return "utf-16le";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  const start = bytes.subarray(0, 64);
  if (start.length < 8) return undefined;
  const zeros = (from: number): boolean => start.every((byte, index) => index % 2 !== from || byte === 0);
  const letters = (from: number): boolean => start.every((byte, index) => index % 2 !== from || byte !== 0);
  if (zeros(1) && letters(0)) return "utf-16le";
  return zeros(0) && letters(1) ? "utf-16be" : undefined;
}

function decode(bytes: Buffer, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new UserError(
      "bad-roster",
      `the list is not in ${encoding.toUpperCase()}, so names would be damaged`,
      'Save it as "CSV UTF-8" in the spreadsheet.',
      { cause },
    );
  }
}

/** The delimiter that is most frequent in the first line outside quotes: names of assignments contain commas. */
function delimiterOf(text: string): string {
  const header = (/[^\r\n]*\S[^\r\n]*/.exec(text)?.[0] ?? "").slice(0, maxRowBytes).replace(/"[^"]*"/g, "");
  const [best = ","] = delimiters.toSorted((a, b) => header.split(b).length - header.split(a).length);
  return best;
}

async function readLines(bytes: Buffer, delimiter: string): Promise<Pick<RosterText, "lines" | "problems">> {
  const problems = new Map<number, string>();
  const skip = (error: CsvError | undefined): undefined => {
    if (error) problems.set(Number(error.lines), explained(error));
  };
  const parser = parse({
    bom: true,
    delimiter,
    trim: true,
    info: true,
    skip_empty_lines: true,
    relax_quotes: true,
    relax_column_count: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    max_record_size: maxRowBytes,
    skip_records_with_error: true,
    on_skip: skip,
  });
  const lines: Line[] = [];
  for await (const { record, info } of Readable.from(pieces(bytes)).pipe(parser) as AsyncIterable<{
    record: string[];
    info: { lines: number };
  }>) {
    if (record.every((cell) => cell === "")) continue;
    lines.push({ number: info.lines, cells: record });
    if (lines.length - 1 > maxRosterRows)
      throw new UserError(
        "too-large",
        `there are more than ${maxRosterRows} people in the list`,
        "Is it the right file? If so, send it in parts.",
      );
  }
  return { lines, problems: [...problems].map(([number, problem]) => ({ number, problem })) };
}

/** Small pieces, with turns of the event loop in between: ten megabytes of text must not delay anybody's keys. */
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += piece) {
    yield bytes.subarray(at, at + piece);
    await turn();
  }
}

function explained(error: CsvError): string {
  switch (error.code) {
    case "CSV_QUOTE_NOT_CLOSED":
      return 'a quote (") is opened and never closed; is the list complete?';
    case "CSV_MAX_RECORD_SIZE":
      return 'the line is too long; is a quote (") opened and never closed?';
    default:
      return 'a quote (") is in the wrong place';
  }
}

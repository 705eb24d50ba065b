/**
 * What simulated people did and saw, and the judge over it. Everybody types numbered lines only, at the end of a file, and deletes
 * nothing; so whatever a file holds once it must hold ever after. A save that was acknowledged and is gone later, a writer who had
 * not seen what was there, two writers at once, a writer from the past: each shows as a line that is missing, doubled or out of order.
 */

/** A line: who typed it, and the how many-th of this person it is. */
export interface Line {
  readonly author: number;
  readonly number: number;
}

/** Times are milliseconds on one clock, that of the process that simulates all people. */
export type Entry =
  /** A save was acknowledged: these lines were on the person's screen when the key was pressed. */
  | {
      readonly kind: "saved";
      readonly file: string;
      readonly at: number;
      readonly by: string;
      readonly lines: readonly Line[];
    }
  /** The file on the disk, read in this time. */
  | {
      readonly kind: "read";
      readonly file: string;
      readonly from: number;
      readonly until: number;
      readonly text: string;
    };

/** No letters, which dialogs would take for answers, and nothing that the editor completes. */
export function lineText({ author, number }: Line): string {
  return `#${author}:${String(number).padStart(6, "0")}.`;
}

const whole = /#(\d+):(\d{6})\./g;
/** What a broken connection leaves of a line, which its person goes on after. */
const parts = /^(#(\d+(:\d{0,6})?)?)*$/;

/** Letters that answer questions: a question may be settled, and gone, the moment before its answer comes. */
const answers = /[acdhst]/g;

/** A file's lines. Two may share a row: an Enter may be an answer to a question. What nobody typed is "torn". */
export function readLines(text: string): { readonly lines: readonly Line[]; readonly torn: readonly string[] } {
  const lines: Line[] = [];
  const torn: string[] = [];
  for (const row of text.split("\n")) {
    for (const [, author, number] of row.matchAll(whole))
      lines.push({ author: Number(author), number: Number(number) });
    if (!parts.test(row.replaceAll(whole, "").replaceAll(answers, ""))) torn.push(row);
  }
  return { lines, torn };
}

/** What must not be, in words; empty when all is well. */
export function judge(history: readonly Entry[]): string[] {
  const files = new Map<string, Entry[]>();
  for (const entry of history) {
    const entries = files.get(entry.file) ?? [];
    if (entries.push(entry) === 1) files.set(entry.file, entries);
  }
  return [...files].flatMap(([file, entries]) => judgeFile(entries).map((words) => `${file}: ${words}`));
}

interface Fact {
  readonly at: number;
  readonly why: string;
  readonly keys: readonly number[];
}

function judgeFile(entries: readonly Entry[]): string[] {
  const found: string[] = [];
  const facts: Fact[] = [];
  const reads: { readonly from: number; readonly keys: ReadonlySet<number> }[] = [];
  for (const entry of entries) {
    if (entry.kind === "saved") {
      facts.push({ at: entry.at, why: `saved by ${entry.by}`, keys: entry.lines.map(key) });
    } else {
      const { lines, torn } = readLines(entry.text);
      found.push(...torn.map((row) => `nobody typed ${JSON.stringify(row.slice(0, 60))}`), ...outOfOrder(lines));
      const keys = lines.map(key);
      facts.push({ at: entry.until, why: "on the disk", keys });
      reads.push({ from: entry.from, keys: new Set(keys) });
    }
  }
  return [...new Set([...found, ...missing(facts, reads)])];
}

/** Each read must hold what was certain before it began. A lost line is told once. */
function missing(
  facts: readonly Fact[],
  reads: readonly { readonly from: number; readonly keys: ReadonlySet<number> }[],
): string[] {
  const found: string[] = [];
  const waiting = facts.toSorted((a, b) => a.at - b.at);
  const certain = new Map<number, Fact>();
  let next = 0;
  for (const { from, keys } of reads.toSorted((a, b) => a.from - b.from)) {
    for (let fact = waiting[next]; fact && fact.at <= from; fact = waiting[(next += 1)]) {
      for (const line of fact.keys) if (!certain.has(line)) certain.set(line, fact);
    }
    if (keys.size >= certain.size && [...certain.keys()].every((line) => keys.has(line))) continue;
    for (const [line, { why, at }] of certain) {
      if (keys.has(line)) continue;
      found.push(`${lineText(lineOf(line))} was ${why} at ${Math.round(at)} and is gone at ${Math.round(from)}`);
      certain.delete(line);
    }
  }
  return found;
}

/** Everybody's own lines grow from top to bottom, however many people share the file. */
function outOfOrder(lines: readonly Line[]): string[] {
  const last = new Map<number, number>();
  const found: string[] = [];
  for (const line of lines) {
    const before = last.get(line.author) ?? -1;
    if (line.number <= before)
      found.push(`${lineText(line)} stands ${line.number === before ? "twice" : `after number ${before}`}`);
    last.set(line.author, line.number);
  }
  return found;
}

/** A line as one number: a long torture has millions of them. */
function key({ author, number }: Line): number {
  return author * 1_000_000 + number;
}

function lineOf(value: number): Line {
  return { author: Math.floor(value / 1_000_000), number: value % 1_000_000 };
}

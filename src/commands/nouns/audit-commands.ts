/** audit list|verify */
import { timeText } from "../../base/time-text.ts";
import type { AuditRecord } from "../../auth/audit.ts";
import { verifyChain, type Break, type ChainLink, type ChainCheck } from "../../auth/audit-chain.ts";
import { may } from "../../auth/roles.ts";
import { isInOwnSection } from "../../auth/teaching.ts";
import { counted } from "../../base/counted.ts";
import { exitStatus, UserError } from "../../base/errors.ts";
import { answer, type Command, type Input } from "../command.ts";
import { momentOf, wholeNumber } from "../option-values.ts";
import { managed } from "../reach.ts";
import { table } from "../table.ts";

const list: Command = {
  name: "audit list",
  summary: "Show what was done, by whom and to whom, newest last",
  options: {
    user: { type: "string", value: "USER", doc: "what this user did, or what was done to them" },
    action: { type: "string", value: "ACTION", doc: "an action, such as user.add or login, or all of a noun: user" },
    since: { type: "string", value: "TIME", doc: "how long ago (2h, 7d) or a date (2026-09-01, 2026-09-01T10:00Z)" },
    until: { type: "string", value: "TIME", doc: "up to this time" },
    limit: { type: "string", value: "N", doc: "how many at most, the newest (default 50, up to 1000)" },
  },
  permission: "audit.read-section",
  reach: managed,
  details: "Professors see what the students of their sections did, and what was done to them.",
  json: true,
  shape: `{
  id: number, at: time, actor: text, address: text | null, action: text, subject: text | null, result: "ok" | "failed" | "refused", detail: any
}[]`,
  async run({ services, account }, input) {
    const now = services.clock.now();
    const about = may(account.role, "audit.read")
      ? undefined
      : (await services.accounts.list({ role: "student" }))
          .filter((person) => isInOwnSection(account, person))
          .map(({ username }) => username);
    const found = await services.audit.list({
      user: input.text("user"),
      about,
      action: input.text("action"),
      since: momentOf(input, "since", now),
      until: momentOf(input, "until", now),
      limit: wholeNumber(input, "limit", { least: 1, most: 1000, otherwise: 50 }),
    });
    const entries = found.toReversed();
    const rows = entries.map((entry) => [
      timeText(entry.at),
      entry.actor,
      entry.address ?? "",
      entry.action,
      entry.subject ?? "",
      entry.result,
      facts(entry),
    ]);
    return answer(
      entries.map(view),
      table(["TIME", "WHO", "FROM", "ACTION", "WHOM", "RESULT", "DETAIL"], rows, "No entries match."),
    );
  },
};

const verify: Command = {
  name: "audit verify",
  summary: "Check that no entry of the audit trail has been changed, removed or added",
  options: {
    noted: {
      type: "string",
      value: "HEAD",
      doc: "a head that an earlier check printed; it must still be part of the trail",
    },
  },
  permission: "audit.read",
  json: true,
  shape: `{
  unbroken: boolean, entries: number, since: time | null, head: { id: number, hash: text }, removed: number,
  break: { id: number, what: "changed" | "removed" | "added" | "noted" } | null
}`,
  details: `Exit status 0 when the trail is unbroken, 1 when it is not. Every entry's hash covers the entry before it.
Whoever owns the database could write the whole trail anew; who notes the head elsewhere, and gives it with --noted, finds out.`,
  async run({ services }, input) {
    const noted = notedHead(input);
    const verdict = await verifyChain(services.database, noted);
    const forgotten = noted !== undefined && noted.id < verdict.removed;
    const sentence = verdict.break ? broken(verdict.break, verdict) : unbroken(verdict);
    const remark = forgotten
      ? "The noted entry is older than the entries that are kept, so it could not be checked.\n"
      : "";
    return answer(documentOf(verdict), `${sentence}\n${remark}`, verdict.break ? exitStatus.failed : exitStatus.done);
  },
};

function unbroken({ entries, since, head, removed }: ChainCheck): string {
  const from = since ? ` from ${timeText(since)}` : "";
  const before =
    removed > 0
      ? ` (${counted(removed, "older entry", "older entries")} removed, as the setting audit.keepDays says)`
      : "";
  return `${counted(entries, "entry", "entries")}, unbroken${from}${before}.\nhead: ${head.id}:${head.hash}`;
}

function broken({ id, what }: Break, { entries }: ChainCheck): string {
  const sentences = {
    changed: `entry ${id} was changed or moved`,
    removed: `entry ${id} is missing`,
    added: `entry ${id} was added outside the trail`,
    noted: `entry ${id} is not the one that was noted: the trail was rewritten`,
  } as const satisfies Record<Break["what"], string>;
  return `The audit trail is BROKEN: ${sentences[what]}. The ${counted(entries, "entry", "entries")} before it ${entries === 1 ? "is" : "are"} as written.`;
}

function documentOf(verdict: ChainCheck): object {
  const { entries, since, head, removed } = verdict;
  return {
    unbroken: verdict.break === undefined,
    entries,
    since: since?.toISOString() ?? null,
    head,
    removed,
    break: verdict.break ?? null,
  };
}

function notedHead(input: Input): ChainLink | undefined {
  const text = input.text("noted");
  if (text === undefined) return undefined;
  const [, id, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (id !== undefined && hash !== undefined) return { id: Number(id), hash };
  throw new UserError(
    "usage",
    "that is not a head of the audit trail",
    'Give what "audit verify" printed after "head:", in the form NUMBER:HASH.',
  );
}

function view(entry: AuditRecord): object {
  const { id, at, actor, address, action, subject, result, detail } = entry;
  return {
    id,
    at: at.toISOString(),
    actor,
    address: address ?? null,
    action,
    subject: subject ?? null,
    result,
    detail: detail ?? {},
  };
}

function facts({ detail }: AuditRecord): string {
  return Object.entries(detail ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** The commands `audit ...`. */
export const auditCommands: readonly Command[] = [list, verify];

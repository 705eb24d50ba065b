/** class, class list: how everybody is doing. */
import { bySameError, countErrors, errorKey, needOf, type StudentStatus } from "../../classroom/need.ts";
import { counted } from "../../base/counted.ts";
import { UserError } from "../../base/errors.ts";
import { nameOf } from "../../workspace/paths.ts";
import { answer, type Command } from "../command.ts";
import { listedSection, onlySectionOption } from "../people.ts";
import { seen } from "../reach.ts";
import { table } from "../table.ts";

const show: Command = {
  name: "class",
  summary: "See everybody at a glance: who is typing, who is stuck, who has a hand up",
  permission: "class.read",
  reach: seen,
  details: `It needs a terminal:  ssh -t -p 2222 prof@host class
Whoever needs help is at the top. Enter watches, c claims a raised hand, m writes a message, F1 shows all keys.
Teaching assistants see the students of their own sections.`,
  async run({ show: go }) {
    if (!go)
      throw new UserError(
        "no-terminal",
        "the class view needs a terminal",
        'Connect with a terminal: ssh -t ... class. In scripts, use "class list".',
      );
    return await go({ kind: "class" });
  },
};

const list: Command = {
  name: "class list",
  summary: "List how everybody is doing, those who need help first",
  permission: "class.read",
  reach: seen,
  json: true,
  shape: `{
  username: text, name: text, section: text | null, state: "typing" | "running" | "error" | "idle" | "away" | "offline",
  need: "hand" | "same-error" | "idle-after-error" | "long-run" | "none", since: time | null, seconds: seconds | null,
  file: text | null, error: text | null, errorTimes: number, sameError: number,
  lastRun: { file: text, outcome: text, ok: boolean, at: time } | null,
  hand: { note: text, raisedAt: time, claimedBy: text | null } | null
}[]`,
  options: {
    section: onlySectionOption,
    "by-error": { type: "boolean", doc: "group students with the same error, the most common error first" },
    offline: { type: "boolean", doc: "include students who are not in the IDE" },
  },
  details: `The order is that of the class view: raised hands by waiting time, the same error again and again, idle for long after an error, \
long runs, and the rest by name; hands that a teacher has claimed come after the others. sameError counts the \
listed students whose last run failed with the same error, whatever the line. Teaching assistants see the students of their own \
sections.`,
  async run(context, input) {
    const { account, services } = context;
    const { classroom, clock } = services;
    const found = await classroom.liveClass.list(account, {
      section: await listedSection(context, input),
      offline: input.flag("offline"),
    });
    const now = clock.now();
    const counts = countErrors(found);
    const alike = (student: StudentStatus): number => counts.get(errorKey(student) ?? "") ?? 0;
    const students = input.flag("by-error") ? bySameError(found, now, counts) : found;
    const rows = students.map((student) => {
      const { username, section, error, run } = student;
      const times = error && error.times > 1 ? `${error.times}x ` : "";
      const shared = input.flag("by-error") && alike(student) > 1 ? `${counted(alike(student), "student")}: ` : "";
      const failed = error && run?.ok === false ? `${shared}${times}${error.text}` : "";
      const what = student.hand && shared === "" ? student.hand.note : failed;
      return [
        username,
        section ?? "",
        student.hand ? handState(student) : student.state,
        since(student, now),
        nameOf(student.file ?? ""),
        run?.outcome ?? "",
        what,
      ];
    });
    const text = table(
      ["USER", "SECTION", "STATE", "FOR", "FILE", "LAST RUN", "ERROR OR QUESTION"],
      rows,
      "Nobody is in the IDE.",
    );
    return answer(
      students.map((student) => view(student, now, alike(student))),
      text,
    );
  },
};

/** "hand", and whether its owner is away. */
function handState({ state }: StudentStatus): string {
  return state === "offline" || state === "away" ? `hand, ${state}` : "hand";
}

/** For how long, "4 min": the state, or the raised hand. */
function since({ hand, since: from }: StudentStatus, now: number): string {
  const start = hand?.raisedAt ?? from;
  if (start === undefined) return "";
  const seconds = Math.max(0, Math.round((now - start) / 1000));
  if (seconds < 60) return `${seconds} s`;
  return seconds < 3600 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

/** Part of the documented interface: docs/admin.md. */
function view(student: StudentStatus, now: number, sameError: number): object {
  const { username, name, section, state, since: from, file, error, run, hand } = student;
  return {
    username,
    name,
    section: section ?? null,
    state,
    need: needOf(student, now),
    since: from === undefined ? null : new Date(from).toISOString(),
    seconds: from === undefined ? null : Math.max(0, Math.round((now - from) / 1000)),
    file: file ?? null,
    error: error?.text ?? null,
    errorTimes: error?.times ?? 0,
    sameError,
    lastRun: run ? { file: run.file, outcome: run.outcome, ok: run.ok, at: new Date(run.at).toISOString() } : null,
    hand: hand
      ? {
          note: hand.note,
          raisedAt: new Date(hand.raisedAt).toISOString(),
          claimedBy: hand.claimedBy?.username ?? null,
        }
      : null,
  };
}

/** The commands `class ...`. */
export const classCommands: readonly Command[] = [show, list];

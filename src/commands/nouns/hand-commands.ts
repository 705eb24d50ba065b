/** hand raise|lower|list|claim|close */
import { teaches } from "../../auth/teaching.ts";
import { UserError } from "../../base/errors.ts";
import type { Hand } from "../../classroom/hands.ts";
import { ordinal } from "../../classroom/message-text.ts";
import { answer, type Command } from "../command.ts";
import { listedSection, onlySectionOption } from "../people.ts";
import { seen } from "../reach.ts";
import { table } from "../table.ts";

/** A raised hand as a document. */
const shape = `{
  username: text, name: text, section: text | null, note: text, raisedAt: time, claimedBy: text | null, place: number | null,
  state: "here" | "away" | "offline"
}`;
const lowered = "{ username: text, raised: boolean }";

const raise: Command = {
  name: "hand raise",
  summary: "Raise your hand to ask for a teacher, with a line about your question if you like",
  arguments: "[TEXT...]",
  permission: "session",
  reach: { ta: "no", professor: "no", admin: "no" },
  json: true,
  shape,
  details: `For students. Your hand stays up until a teacher answers, you lower it, or some hours have passed.
Raising it again changes the line, not your place in the queue.`,
  async run({ services, account, address }, input) {
    const hand = await services.classroom.raise({ account, address }, input.arguments.join(" "));
    return answer(
      view(hand),
      `Your hand is up${hand.position === undefined ? "" : `: ${ordinal(hand.position)} in the queue`}.\n`,
    );
  },
};

const lower: Command = {
  name: "hand lower",
  summary: "Lower your hand",
  permission: "session",
  json: true,
  shape: lowered,
  async run({ services, account, address }) {
    await services.classroom.lower({ account, address });
    return answer({ username: account.username, raised: false }, "Your hand is down.\n");
  },
};

const list: Command = {
  name: "hand list",
  summary: "List raised hands, the longest waiting first; those that somebody has claimed come last",
  permission: "hand.manage",
  reach: seen,
  json: true,
  shape: `${shape}[]`,
  options: { section: onlySectionOption },
  async run(context, input) {
    const { services, account } = context;
    const only = await listedSection(context, input);
    const all = await services.classroom.hands.list();
    const hands = all.filter(
      ({ username, section }) =>
        teaches(account, { username, section, role: "student" }) && (only === undefined || section === only),
    );
    const now = services.clock.now();
    const rows = hands.map(({ username, section, state, raisedAt, claimedBy, note }) => [
      username,
      section ?? "",
      state,
      `${Math.max(0, Math.floor((now - raisedAt.getTime()) / 60_000))} min`,
      claimedBy?.username ?? "",
      note,
    ]);
    return answer(
      hands.map(view),
      table(["USER", "SECTION", "STATE", "FOR", "CLAIMED BY", "QUESTION"], rows, "No hand is up."),
    );
  },
};

const claim: Command = {
  name: "hand claim",
  summary: "Say that you are going to a student; the student and the other teachers see it",
  arguments: "USER",
  permission: "hand.manage",
  reach: seen,
  json: true,
  shape,
  async run({ services, account, address }, input) {
    const hand = await services.classroom.claim({ account, address }, input.arguments[0] ?? "");
    return answer(view(hand), `You are going to ${hand.username}${hand.note ? `: ${hand.note}` : "."}\n`);
  },
};

const close: Command = {
  name: "hand close",
  summary: "Lower a student's hand when the question is answered, or all hands of a section",
  arguments: "[USER]",
  permission: "hand.manage",
  reach: seen,
  json: true,
  shape: `${lowered} | ${lowered}[]`,
  options: {
    section: { type: "string", value: "SECTION", doc: "all hands of this section, for example at the end of a lesson" },
  },
  async run(context, input) {
    const { services, account, address } = context;
    const only = await listedSection(context, input);
    const [username] = input.arguments;
    if ((username === undefined) === (only === undefined))
      throw new UserError(
        "usage",
        "name one student or a section",
        'Write "hand close USER" or "hand close --section SECTION".',
      );
    if (username !== undefined) {
      await services.classroom.close({ account, address }, username);
      return answer({ username, raised: false }, `The hand of ${username} is down.\n`);
    }
    const closed: string[] = [];
    for (const hand of await services.classroom.hands.list()) {
      if (
        hand.section !== only ||
        !teaches(account, { username: hand.username, section: hand.section, role: "student" })
      )
        continue;
      // A student who has lowered their hand meanwhile has none to close.
      if (await services.classroom.closeIfUp({ account, address }, hand.username)) closed.push(hand.username);
    }
    const text = closed.length === 0 ? "No hand is up.\n" : `Lowered: ${closed.join(", ")}.\n`;
    return answer(
      closed.map((name) => ({ username: name, raised: false })),
      text,
    );
  },
};

function view({ username, name, section, note, raisedAt, claimedBy, position, state }: Hand): object {
  return {
    username,
    name,
    section: section ?? null,
    note,
    raisedAt: raisedAt.toISOString(),
    claimedBy: claimedBy?.username ?? null,
    place: position ?? null,
    state,
  };
}

/** The commands `hand ...`. */
export const handCommands: readonly Command[] = [raise, lower, list, claim, close];

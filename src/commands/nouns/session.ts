/** session list|show|kick|message */
import { may } from "../../auth/roles.ts";
import { UserError } from "../../base/errors.ts";
import type { Workbench } from "../../session/workbench.ts";
import { answer, type Command, type CommandContext, type Input } from "../command.ts";
import { fields, table } from "../table.ts";

const list: Command = {
  name: "session list",
  summary: "List who is in the IDE, and who left a session open",
  permission: "session.read",
  json: true,
  details: "Teaching assistants see the people of their own section.",
  async run(context) {
    const visible: Workbench[] = [];
    for (const session of context.services.sessions.sessions) if (await maySee(context, session)) visible.push(session);
    const rows = visible.map((session) => {
      const { user, state, from, file, since } = view(context, session);
      return [user, state, from.join(" "), file ?? "", since];
    });
    return answer(visible.map((session) => view(context, session)), table(["USER", "STATE", "FROM", "FILE", "SINCE"], rows, "Nobody is in the IDE."));
  },
};

const show: Command = {
  name: "session show",
  summary: "Show a person's session",
  arguments: "USER",
  permission: "session.read",
  json: true,
  async run(context, input) {
    const session = await find(context, input);
    const { id, user, state, from, file, since, idle, unsaved, console } = view(context, session);
    const text = fields([
      ["session", id],
      ["user", user],
      ["state", state],
      ["from", from.join(" ") || "nowhere (away)"],
      ["since", since],
      ["idle", `${idle} s`],
      ["file", file ?? "none"],
      ["not saved", unsaved.join(", ") || "nothing"],
      ["console", console],
    ]);
    return answer(view(context, session), text);
  },
};

const kick: Command = {
  name: "session kick",
  summary: "End a person's session; unsaved work is kept",
  arguments: "USER",
  permission: "user.write",
  json: true,
  async run(context, input) {
    const { services, account, address } = context;
    const session = await find(context, input);
    const found = view(context, session);
    await services.sessions.end(session, "An admin ended your session. Your work is kept; you can log in again.");
    await services.audit.record({ actor: account.username, address, action: "session.kick", subject: session.person.username, result: "ok" });
    return answer(found, `Ended the session of ${session.person.username}.\n`);
  },
};

async function find(context: CommandContext, input: Input): Promise<Workbench> {
  const [username = ""] = input.arguments;
  const [session] = context.services.sessions.of(username);
  if (session && (await maySee(context, session))) return session;
  throw new UserError("user-not-found", `${JSON.stringify(username.slice(0, 40))} has no session`, '"session list" shows who has.');
}

async function maySee({ account, services }: CommandContext, session: Workbench): Promise<boolean> {
  if (may(account.role, "user.read")) return true;
  const person = await services.accounts.find(session.person.username);
  return account.section !== undefined && person?.section === account.section;
}

function view({ services }: CommandContext, session: Workbench) {
  const { attendance } = session;
  const away = attendance.awaySince;
  return {
    id: session.id,
    user: session.person.username,
    role: session.person.role,
    state: away === undefined ? (session.console.activity === "running" ? "running" : "here") : "away",
    from: attendance.visitors.map(({ address }) => address),
    since: new Date(session.startedAt).toISOString(),
    awaySince: away === undefined ? null : new Date(away).toISOString(),
    idle: Math.round(attendance.idleMilliseconds / 1000),
    file: session.active?.path ?? null,
    unsaved: session.unsaved.map(({ path }) => path),
    console: session.console.activity,
    now: new Date(services.clock.now()).toISOString(),
  };
}

export const session: readonly Command[] = [list, show, kick];

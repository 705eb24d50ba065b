/** user add|list|show|set: one account. */
import { timeText } from "../../base/time-text.ts";
import { accountStores, type Account, type NewAccount } from "../../auth/account.ts";
import { may, roles, type Role } from "../../auth/roles.ts";
import { maySee } from "../../auth/teaching.ts";
import { UserError } from "../../base/errors.ts";
import { answer, type Command, type CommandAnswer, type CommandContext, type Option } from "../command.ts";
import {
  accountShape,
  createdShape,
  findToChange,
  findUser,
  listedSection,
  publicView,
  recordFor,
  refuseSelf,
  requireManages,
  requireManagesSection,
  requireMaySee,
  roleOption,
  storeOption,
} from "../people.ts";
import { managed, seen } from "../reach.ts";
import { fields, table } from "../table.ts";
import { endSessionsOf } from "./session-commands.ts";

const personOptions: Readonly<Record<string, Option>> = {
  section: {
    type: "string",
    value: "SECTION",
    doc: "the section (group) of the class; created if there is none of this name",
  },
  name: { type: "string", value: "NAME", doc: "the person's full name" },
  email: { type: "string", value: "EMAIL", doc: "the person's address" },
};

const store: Option = {
  type: "string",
  value: "STORE",
  choices: accountStores,
  doc: "where the password is: embedded (here), or external (with the login program of auth.external)",
};

const add: Command = {
  name: "user add",
  summary: "Add an account and print its initial password",
  arguments: "USER",
  options: {
    role: { type: "string", value: "ROLE", choices: roles, doc: `${roles.join(", ")}; default: student` },
    ...personOptions,
    store,
  },
  permission: "section.manage",
  reach: managed,
  json: true,
  shape: createdShape,
  details: "Professors add students to their own sections: user add ada --section A",
  async run(context, input) {
    const role = roleOption(input) ?? "student";
    const [username = ""] = input.arguments;
    const section = input.text("section");
    if (!may(context.account.role, "user.write")) requireOwnStudent(context, role, section);
    const note = await noteOnSection(context, section);
    const wanted = { username, role, name: input.text("name"), section, email: input.text("email") };
    if (storeOption(input) === "external") return await addExternal(context, wanted, note);
    const { account, password } = await context.services.accounts.add(wanted);
    await recordFor(context, "user.add", account.username, { role });
    return answer(
      { ...publicView(account), password },
      `Added ${account.username} (${account.role}). Initial password: ${password}\n${note}`,
    );
  },
};

/** Adds an account whose password is kept elsewhere; only admins say whom this server believes. */
async function addExternal(context: CommandContext, wanted: NewAccount, note: string): Promise<CommandAnswer> {
  if (!may(context.account.role, "user.write"))
    throw new UserError("not-permitted", "only admins can add accounts of the external store", "Ask an admin.");
  const account = await context.services.accounts.addExternal(wanted);
  await recordFor(context, "user.add", account.username, { role: account.role, store: account.store });
  const text = `Added ${account.username} (${account.role}). The password is the one that the login program knows.\n${note}`;
  return answer({ ...publicView(account), password: "" }, text);
}

const list: Command = {
  name: "user list",
  summary: "List the accounts",
  options: {
    role: { type: "string", value: "ROLE", choices: roles, doc: "only this role" },
    section: { type: "string", value: "SECTION", doc: "only this section" },
    state: { type: "string", value: "STATE", choices: ["active", "disabled"], doc: "active or disabled" },
  },
  permission: "user.read-section",
  reach: seen,
  json: true,
  shape: `${accountShape}[]`,
  details: "Teaching assistants see the students of their own sections.",
  async run(context, input) {
    const { account, services } = context;
    const state = input.text("state");
    if (state !== undefined && state !== "active" && state !== "disabled") {
      throw new UserError("usage", `there is no state "${state}"`, "The states are active and disabled.");
    }
    const found = await services.accounts.list({
      role: roleOption(input),
      state,
      section: await listedSection(context, input),
    });
    const visible = found.filter((person) => maySee(account, person));
    const rows = visible.map((person) => [
      person.username,
      person.role,
      person.section ?? "",
      person.state,
      person.name,
      time(person.lastLoginAt),
    ]);
    return answer(
      visible.map(publicView),
      table(["USER", "ROLE", "SECTION", "STATE", "NAME", "LAST LOGIN"], rows, "No accounts match."),
    );
  },
};

const show: Command = {
  name: "user show",
  summary: "Show one account",
  arguments: "USER",
  permission: "user.read-section",
  reach: seen,
  json: true,
  shape: accountShape,
  async run(context, input) {
    const person = await findUser(context, input);
    requireMaySee(context, person);
    const text = fields([
      ["user", person.username],
      ["name", person.name],
      ["email", person.email ?? ""],
      ["role", person.role],
      ["section", person.section ?? "none"],
      ...(person.role === "student" ? [] : [["teaches", person.sections.join(", ") || "none"] as const]),
      ["state", person.state],
      ["password", passwordState(person)],
      ["created", timeText(person.createdAt)],
      ["last login", time(person.lastLoginAt)],
    ]);
    return answer(publicView(person), text);
  },
};

const set: Command = {
  name: "user set",
  summary: "Change an account; what is not named stays as it is",
  arguments: "USER",
  options: { role: { type: "string", value: "ROLE", choices: roles, doc: roles.join(", ") }, ...personOptions, store },
  permission: "section.manage",
  reach: managed,
  json: true,
  shape: accountShape,
  details: `Professors move students between their own sections: user set ada --section B
An empty value removes the old one: user set ada --section ''. A new role ends the person's session; unsaved work is kept.
An account that moves to the embedded store needs a password: user reset-password ada. To change the user name: user rename.`,
  async run(context, input) {
    const role = roleOption(input);
    const { services } = context;
    const person = await findToChange(context, input);
    const wanted = {
      role,
      name: input.text("name"),
      email: input.text("email"),
      section: input.text("section"),
      store: storeOption(input),
    };
    if (Object.values(wanted).every((value) => value === undefined)) {
      throw new UserError(
        "usage",
        "there is nothing to change",
        "Give at least one of --role, --name, --email, --section, --store.",
      );
    }
    requireManages(context, person);
    if (!may(context.account.role, "user.write")) requireMoveOnly(context, wanted);
    if (role !== undefined && role !== person.role) refuseSelf(context, [person], "change the role of");
    const note = await noteOnSection(context, wanted.section);
    const { before, account } = await services.accounts.changes.set(person.username, wanted);
    const changed = (["name", "email", "role", "section", "store"] as const).filter(
      (field) => before[field] !== account[field],
    );
    if (changed.length > 0)
      await recordFor(context, "user.set", account.username, {
        fields: changed.join(" "),
        ...(changed.includes("role") ? { role: account.role } : {}),
      });
    if (changed.includes("role"))
      await endSessionsOf(
        context,
        [account.username],
        `Your role is now ${account.role}. Your work is kept; log in again.`,
      );
    const text = changed
      .map((field) => `${field} of ${account.username}: ${account[field] ?? "none"} (was ${before[field] || "none"})\n`)
      .join("");
    return answer(
      publicView(account),
      (text || `Nothing to change: ${account.username} is like that already.\n`) + note,
    );
  },
};

/** Throws unless a professor adds a student, in one of their own sections. */
function requireOwnStudent(context: CommandContext, role: Role, section: string | undefined): void {
  if (section === undefined)
    throw new UserError("usage", "name one of your sections", "For example: user add ada --section A");
  if (role !== "student")
    throw new UserError("not-permitted", "only admins can add people who are not students", "Ask an admin.");
  requireManagesSection(context, section);
}

/** Throws unless a professor changes only a student's section, to another one of their own. */
function requireMoveOnly(
  context: CommandContext,
  { section, ...others }: Readonly<Record<string, string | undefined>>,
): void {
  if (Object.values(others).some((value) => value !== undefined))
    throw new UserError(
      "not-permitted",
      "only admins can change anything but the section",
      "For example: user set ada --section B",
    );
  requireManagesSection(context, section ?? "");
}

/** A note about a new section: a mistyped name makes one, which must not go unnoticed. */
async function noteOnSection({ services }: CommandContext, section: string | undefined): Promise<string> {
  if (!section || (await services.accounts.sections.find(section))) return "";
  return `The section ${section} is new.\n`;
}

function passwordState({ store, mustChangePassword }: Account): string {
  if (store === "external") return "kept elsewhere: the login program of auth.external is asked";
  return mustChangePassword ? "initial: must be changed at the next login" : "chosen by the person";
}

function time(at: Date | undefined): string {
  return at ? timeText(at) : "never";
}

/** The commands `user add`, `list`, `show` and `set`. */
export const userCommands: readonly Command[] = [add, list, show, set];

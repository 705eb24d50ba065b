/** user add|list|show|reset-password|disable|enable */
import type { Account } from "../../auth/account.ts";
import { isRole, mayActOn, roles } from "../../auth/roles.ts";
import { maySee } from "../../auth/teaching.ts";
import { UserError } from "../../base/errors.ts";
import { answer, type Command, type CommandContext, type Input } from "../command.ts";
import { fields, table } from "../table.ts";
import { endSessionsOf } from "./session.ts";

const add: Command = {
  name: "user add",
  summary: "Add an account and print its initial password",
  arguments: "USER",
  options: {
    role: { type: "string", value: "ROLE", doc: `${roles.join(", ")}; student when not given` },
    section: { type: "string", value: "SECTION", doc: "the section (group) of the class" },
    name: { type: "string", value: "NAME", doc: "the person's full name" },
    email: { type: "string", value: "EMAIL", doc: "the person's address" },
  },
  permission: "user.write",
  json: true,
  async run(context, input) {
    const role = input.text("role") ?? "student";
    if (!isRole(role)) throw new UserError("usage", `there is no role "${role}"`, `The roles are ${roles.join(", ")}.`);
    const [username = ""] = input.arguments;
    const { account, password } = await context.services.accounts.add({
      username,
      role,
      name: input.text("name"),
      section: input.text("section"),
      email: input.text("email"),
    });
    await record(context, "user.add", account, { role });
    return answer({ ...publicView(account), password }, `Added ${account.username} (${account.role}). Initial password: ${password}\n`);
  },
};

const list: Command = {
  name: "user list",
  summary: "List the accounts",
  options: {
    role: { type: "string", value: "ROLE", doc: "only this role" },
    section: { type: "string", value: "SECTION", doc: "only this section" },
    state: { type: "string", value: "STATE", doc: "active or disabled" },
  },
  permission: "user.read-section",
  json: true,
  details: "Teaching assistants see the students of their own sections.",
  async run({ account, services }, input) {
    const role = input.text("role");
    const state = input.text("state");
    if (role !== undefined && !isRole(role)) throw new UserError("usage", `there is no role "${role}"`, `The roles are ${roles.join(", ")}.`);
    if (state !== undefined && state !== "active" && state !== "disabled") {
      throw new UserError("usage", `there is no state "${state}"`, "The states are active and disabled.");
    }
    const found = await services.accounts.list({ role, state, section: input.text("section") });
    const visible = found.filter((person) => maySee(account, person));
    const rows = visible.map((person) => [person.username, person.role, person.section ?? "", person.state, person.name, time(person.lastLoginAt)]);
    return answer(visible.map(publicView), table(["USER", "ROLE", "SECTION", "STATE", "NAME", "LAST LOGIN"], rows, "No accounts match."));
  },
};

const show: Command = {
  name: "user show",
  summary: "Show one account",
  arguments: "USER",
  permission: "user.read-section",
  json: true,
  async run(context, input) {
    const person = await findUser(context, input);
    if (!maySee(context.account, person)) throw new UserError("not-permitted", `${person.username} is not in a section of yours`, '"user list" shows who is.');
    const text = fields([
      ["user", person.username],
      ["name", person.name],
      ["email", person.email ?? ""],
      ["role", person.role],
      ["section", person.section ?? "none"],
      ...(person.role === "student" ? [] : [["teaches", person.sections.join(", ") || "none"] as const]),
      ["state", person.state],
      ["password", person.mustChangePassword ? "initial: has to be changed at the next login" : "chosen by the person"],
      ["created", person.createdAt.toISOString()],
      ["last login", time(person.lastLoginAt)],
    ]);
    return answer(publicView(person), text);
  },
};

const resetPassword: Command = {
  name: "user reset-password",
  summary: "Give an account a new initial password and print it",
  arguments: "USER",
  permission: "user.reset-password",
  json: true,
  async run(context, input) {
    const person = await findToChange(context, input);
    const password = await context.services.accounts.resetPassword(person.username);
    await record(context, "user.reset-password", person);
    return answer({ username: person.username, password }, `New initial password of ${person.username}: ${password}\n`);
  },
};

const disable: Command = {
  name: "user disable",
  summary: "Keep an account from logging in; its files stay",
  arguments: "USER",
  permission: "user.write",
  json: true,
  async run(context, input) {
    const person = await findToChange(context, input);
    if (person.username === context.account.username) {
      throw new UserError("not-permitted", "you can't disable your own account", "Ask another admin.");
    }
    return setState(context, person, "disabled");
  },
};

const enable: Command = {
  name: "user enable",
  summary: "Let a disabled account log in again",
  arguments: "USER",
  permission: "user.write",
  json: true,
  run: async (context, input) => setState(context, await findToChange(context, input), "active"),
};

async function setState(context: CommandContext, person: Account, state: Account["state"]) {
  const changed = await context.services.accounts.setState(person.username, state);
  await record(context, state === "active" ? "user.enable" : "user.disable", person);
  if (state === "disabled") await endSessionsOf(context, person.username, "Your account was disabled. Your work is kept. Ask your teacher.");
  return answer(publicView(changed), `${person.username} is ${state}${person.state === state ? " (it was already)" : ""}.\n`);
}

async function findUser({ services }: CommandContext, input: Input): Promise<Account> {
  const [username = ""] = input.arguments;
  const account = await services.accounts.find(username);
  if (account) return account;
  throw new UserError("user-not-found", `there is no user ${JSON.stringify(username.slice(0, 40))}`, '"user list" shows all.');
}

async function findToChange(context: CommandContext, input: Input): Promise<Account> {
  const person = await findUser(context, input);
  if (!mayActOn(context.account.role, person.role)) {
    throw new UserError("not-permitted", `you may not change the account of ${person.username} (${person.role})`);
  }
  return person;
}

async function record(context: CommandContext, action: string, subject: Account, detail?: Record<string, string>): Promise<void> {
  const { account, address, services } = context;
  await services.audit.record({ actor: account.username, address, action, subject: subject.username, result: "ok", ...(detail ? { detail } : {}) });
}

function publicView(account: Account): object {
  return {
    username: account.username,
    role: account.role,
    name: account.name,
    email: account.email ?? null,
    section: account.section ?? null,
    sections: account.sections,
    state: account.state,
    mustChangePassword: account.mustChangePassword,
    createdAt: account.createdAt.toISOString(),
    lastLoginAt: account.lastLoginAt?.toISOString() ?? null,
  };
}

function time(at: Date | undefined): string {
  return at ? at.toISOString().replace(/\.\d+Z$/, "Z") : "never";
}

export const user: readonly Command[] = [add, list, show, resetPassword, disable, enable];

/** What commands about accounts share: finding the accounts, checking the caller's rights, showing an account. */
import { accountStores, missingAccount, type Account, type AccountStore } from "../auth/account.ts";
import { isRole, may, mayActOn, roles, type Role } from "../auth/roles.ts";
import { isInOwnSection, maySee, teaches } from "../auth/teaching.ts";
import { UserError } from "../base/errors.ts";
import type { CommandContext, Input, Option } from "./command.ts";

/** The option of commands that can be about a whole section. */
export const sectionOption: Option = { type: "string", value: "SECTION", doc: "all students of this section" };

/** The option of commands that list something about people. */
export const onlySectionOption: Option = { type: "string", value: "SECTION", doc: "only this section" };

/** The option of commands that change many things. */
export const dryRunOption: Option = { type: "boolean", doc: "only show what would be done" };

/**
 * Throws `usage` for the server's own account, which is not in the database, when a command needs an account's own
 * `things`.
 */
export function requireOwn(things: "files" | "keys" | "password", { account }: CommandContext): void {
  if (account.id !== 0) return;
  throw new UserError(
    "usage",
    `the server's own account has no ${things}`,
    "Say whose you mean: bin/classh --as USER COMMAND",
  );
}

/** The account in the first argument. Throws `user-not-found`. */
export async function findUser({ services }: CommandContext, input: Input): Promise<Account> {
  const [username = ""] = input.arguments;
  return (await services.accounts.find(username)) ?? missingAccount(username);
}

/** The account in the first argument, which the caller may change. Throws `user-not-found` or `not-permitted`. */
export async function findToChange(context: CommandContext, input: Input): Promise<Account> {
  const person = await findUser(context, input);
  requireMayChange(context, person);
  return person;
}

/** The named accounts, or the students of `--section`: by username, each once, all of which the caller may change. */
export async function findAllToChange(context: CommandContext, input: Input): Promise<readonly Account[]> {
  const section = input.text("section");
  if ((section === undefined) === (input.arguments.length === 0)) {
    throw new UserError(
      "usage",
      section === undefined ? "nobody was named" : "name people or a section, not both",
      "Give user names, or --section SECTION for all its students.",
    );
  }
  const people = section === undefined ? await named(context, input.arguments) : await studentsOf(context, section);
  for (const person of people) requireMayChange(context, person);
  return people;
}

async function named({ services }: CommandContext, usernames: readonly string[]): Promise<readonly Account[]> {
  const wanted = [...new Set(usernames)].toSorted();
  const found = new Map((await services.accounts.list()).map((account) => [account.username, account]));
  return wanted.map((username) => found.get(username) ?? missingAccount(username));
}

async function studentsOf({ services }: CommandContext, section: string): Promise<readonly Account[]> {
  await requireSection(services, section);
  return await services.accounts.list({ section, role: "student" });
}

/** Throws `section-not-found` for a section that is not there: a mistyped name must not look like an empty section. */
export async function requireSection({ accounts }: CommandContext["services"], name: string): Promise<void> {
  if ((await accounts.sections.find(name)) !== undefined) return;
  throw new UserError(
    "section-not-found",
    `there is no section ${JSON.stringify(name.slice(0, 50))}`,
    '"section list" shows all sections.',
  );
}

/**
 * The section in `--section`, for lists; undefined without the option. Throws `section-not-found`, and `not-permitted`
 * when a teaching assistant names another's section: an empty list would look as if nobody were in it.
 */
export async function listedSection({ account, services }: CommandContext, input: Input): Promise<string | undefined> {
  const section = input.text("section");
  if (section === undefined) return undefined;
  if (may(account.role, "user.read")) await requireSection(services, section);
  else if (!account.sections.includes(section)) {
    throw new UserError(
      "not-permitted",
      `you don't teach section ${JSON.stringify(section.slice(0, 50))}`,
      `You teach: ${account.sections.join(", ") || "no section"}.`,
    );
  }
  return section;
}

/**
 * A test whether a username belongs to the section in `--section`; true for everybody without the option. Throws what
 * `listedSection` throws.
 */
export async function inListedSection(context: CommandContext, input: Input): Promise<(username: string) => boolean> {
  const section = await listedSection(context, input);
  if (section === undefined) return () => true;
  const members = new Set((await context.services.accounts.list({ section })).map(({ username }) => username));
  return (username) => members.has(username);
}

function requireMayChange({ account }: CommandContext, person: Account): void {
  if (mayActOn(account.role, person.role) && (account.role !== "ta" || teaches(account, person))) return;
  throw new UserError("not-permitted", `you may not change the account of ${person.username} (${person.role})`);
}

/**
 * Throws `not-permitted` unless the caller is an admin, or the person is a student of a section that the caller
 * teaches.
 */
export function requireManages({ account }: CommandContext, person: Account): void {
  if (may(account.role, "user.write") || isInOwnSection(account, person)) return;
  throw new UserError("not-permitted", `you don't teach ${person.username}`, "Ask an admin.");
}

/** Throws `not-permitted` unless the caller is an admin, or teaches the section. */
export function requireManagesSection({ account }: CommandContext, section: string): void {
  if (may(account.role, "user.write") || account.sections.includes(section)) return;
  throw new UserError(
    "not-permitted",
    `you don't teach the section ${section}`,
    'Ask an admin; "section list" shows who teaches each section.',
  );
}

/** Throws when the caller is among the people: nobody shuts themselves out by mistake. */
export function refuseSelf({ account }: CommandContext, people: readonly Account[], what: string): void {
  if (!people.some(({ username }) => username === account.username)) return;
  throw new UserError("not-permitted", `you can't ${what} your own account`, "Ask another admin.");
}

/** Throws `not-permitted` for an account that the caller may not even see. */
export function requireMaySee({ account }: CommandContext, person: Account): void {
  if (!maySee(account, person))
    throw new UserError(
      "not-permitted",
      `you don't teach ${person.username}`,
      '"user list" shows everybody you teach.',
    );
}

/** The role in `--role`; undefined without the option. Throws `usage`. */
export function roleOption(input: Input): Role | undefined {
  const role = input.text("role");
  if (role === undefined || isRole(role)) return role;
  throw new UserError("usage", `there is no role "${role}"`, `The roles are ${roles.join(", ")}.`);
}

/** The store in `--store`; undefined without the option. Throws `usage`. */
export function storeOption(input: Input): AccountStore | undefined {
  const store = input.text("store");
  const known = accountStores.find((name) => name === store);
  if (store === undefined || known) return known;
  throw new UserError("usage", `there is no store "${store}"`, `The stores are ${accountStores.join(" and ")}.`);
}

/** Records in the audit trail that the caller did `action` to an account. */
export async function recordFor(
  context: CommandContext,
  action: string,
  username: string,
  detail?: Record<string, string>,
): Promise<void> {
  const { account, address, services } = context;
  await services.audit.record({
    actor: account.username,
    address,
    action,
    subject: username,
    result: "ok",
    ...(detail ? { detail } : {}),
  });
}

/** Most entries recorded at once: the trail stores as many with one statement. */
const recordedAtOnce = 100;

/** Records the same for many accounts. */
export async function recordForAll(
  context: CommandContext,
  entries: readonly { readonly action: string; readonly username: string; readonly detail?: Record<string, string> }[],
): Promise<void> {
  for (let at = 0; at < entries.length; at += recordedAtOnce) {
    await Promise.all(
      entries
        .slice(at, at + recordedAtOnce)
        .map(({ action, username, detail }) => recordFor(context, action, username, detail)),
    );
  }
}

const accountFields = `username: text, role: ${roles.map((role) => `"${role}"`).join(" | ")}, name: text, email: text | null, section: text | null, sections: text[],
  state: "active" | "disabled", store: "embedded" | "external", mustChangePassword: boolean, createdAt: time, lastLoginAt: time | null`;

/** The shape of what `publicView` gives. */
export const accountShape = `{ ${accountFields} }`;
/** The same with an initial password. */
export const createdShape = `{ ${accountFields}, password: text }`;

/** An account as `--json` shows it. */
export function publicView(account: Account): object {
  return {
    username: account.username,
    role: account.role,
    name: account.name,
    email: account.email ?? null,
    section: account.section ?? null,
    sections: account.sections,
    state: account.state,
    store: account.store,
    mustChangePassword: account.mustChangePassword,
    createdAt: account.createdAt.toISOString(),
    lastLoginAt: account.lastLoginAt?.toISOString() ?? null,
  };
}

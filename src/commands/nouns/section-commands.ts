/** section list|add|set|remove */
import type { Section } from "../../auth/sections.ts";
import { may } from "../../auth/roles.ts";
import { UserError } from "../../base/errors.ts";
import { answer, type Command, type CommandContext, type Input, type Option } from "../command.ts";
import { seen } from "../reach.ts";
import { table } from "../table.ts";

const titleOption: Option = { type: "string", value: "TITLE", doc: "a longer name, for people" };
const staffOption: Option = {
  type: "string",
  value: "USERS",
  doc: "who teaches it: user names separated by commas; '' for nobody",
};

const sectionShape = "{ name: text, title: text, students: number, active: number, staff: text[], createdAt: time }";

const list: Command = {
  name: "section list",
  summary: "List the sections, how many students they have and who teaches them",
  permission: "user.read-section",
  reach: seen,
  json: true,
  shape: `${sectionShape}[]`,
  details: "Teaching assistants see their own sections.",
  async run({ account, services }) {
    const all = await services.accounts.sections.list();
    const visible = may(account.role, "user.read") ? all : all.filter(({ name }) => account.sections.includes(name));
    const rows = visible.map(({ name, title, students, active, staff }) => [
      name,
      title,
      String(students),
      String(active),
      staff.join(", "),
    ]);
    return answer(
      visible.map(view),
      table(["SECTION", "TITLE", "STUDENTS", "ACTIVE", "STAFF"], rows, "There are no sections."),
    );
  },
};

const add: Command = {
  name: "section add",
  summary: "Add a section",
  arguments: "SECTION",
  options: { title: titleOption, staff: staffOption },
  permission: "user.write",
  json: true,
  shape: sectionShape,
  async run(context, input) {
    const [name = ""] = input.arguments;
    const section = await context.services.accounts.sections.add(name, {
      title: input.text("title"),
      staff: staffOf(input),
    });
    await record(context, "section.add", section.name);
    return answer(view(section), `Added the section ${section.name}.${taught(section)}\n`);
  },
};

const set: Command = {
  name: "section set",
  summary: "Change a section: its name, its title, who teaches it",
  arguments: "SECTION",
  options: {
    rename: { type: "string", value: "NAME", doc: "the new name; everybody stays in it" },
    title: titleOption,
    staff: staffOption,
  },
  permission: "user.write",
  json: true,
  shape: sectionShape,
  details:
    "--staff names everybody who teaches it, apart from staff who are in the section themselves (user set tia --section A).",
  async run(context, input) {
    const [name = ""] = input.arguments;
    const fields = { rename: input.text("rename"), title: input.text("title"), staff: staffOf(input) };
    const named = Object.entries(fields).flatMap(([field, value]) => (value === undefined ? [] : [field]));
    if (named.length === 0)
      throw new UserError("usage", "there is nothing to change", "Give at least one of --rename, --title, --staff.");
    const section = await context.services.accounts.sections.set(name, fields);
    await record(context, "section.set", name, {
      fields: named.join(" "),
      ...(section.name === name ? {} : { name: section.name }),
    });
    return answer(view(section), `Changed the section ${section.name}.${taught(section)}\n`);
  },
};

const remove: Command = {
  name: "section remove",
  summary: "Remove an empty section",
  arguments: "SECTION",
  permission: "user.write",
  json: true,
  shape: "{ name: text }",
  async run(context, input) {
    const [name = ""] = input.arguments;
    await context.services.accounts.sections.remove(name);
    await record(context, "section.remove", name);
    return answer({ name }, `Removed the section ${name}.\n`);
  },
};

function staffOf(input: Input): readonly string[] | undefined {
  const staff = input.text("staff");
  return staff === undefined ? undefined : [...new Set(staff.split(/[\s,]+/).filter(Boolean))];
}

function taught({ staff }: Section): string {
  return staff.length > 0
    ? ` It is taught by ${staff.join(", ")}.`
    : ' Nobody teaches it yet; "section set SECTION --staff USERS" says who does.';
}

async function record(
  { account, address, services }: CommandContext,
  action: string,
  section: string,
  detail: Record<string, string> = {},
): Promise<void> {
  await services.audit.record({
    actor: account.username,
    address,
    action,
    result: "ok",
    detail: { section, ...detail },
  });
}

function view({ name, title, createdAt, students, active, staff }: Section): object {
  return { name, title, students, active, staff, createdAt: createdAt.toISOString() };
}

/** The commands `section ...`. */
export const sectionCommands: readonly Command[] = [list, add, set, remove];

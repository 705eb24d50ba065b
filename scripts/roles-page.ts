/** docs/roles.md: who may do what, from the tables that decide it. */
import { may, permissions, roles, type Role } from "../src/auth/roles.ts";
import { UserError } from "../src/base/errors.ts";
import type { Command } from "../src/commands/command.ts";
import { locate, type Students } from "../src/workspace/access.ts";
import { courseFolders } from "../src/workspace/paths.ts";

/** Of everybody's view ada is the person, and alan another student. */
const places: readonly (readonly [string, string])[] = [
  ["/", "the top"],
  ["/home/ada", "one's own files"],
  ["/home/alan", "another's files, by the home's path"],
  ["/course", "the course"],
  ...courseFolders.map((name) => [`/course/${name}`, "a folder of the course"] as const),
  ["/students", "the list of students"],
  ["/students/alan", "a student's files"],
  ["/etc", "the server's own files"],
];

export function rolesPage(note: string, commands: readonly Command[]): string {
  return [
    `# Roles\n\n${note}Roles form a ladder: student, ta (teaching assistant), professor, admin. A test tries every command and every file operation in each role and compares the result with this page.\n`,
    "A disabled account can do nothing at all. Before an initial password is changed only these work: " +
      `${commands
        .filter(({ beforePasswordChange }) => beforePasswordChange)
        .map(({ name }) => `\`${name}\``)
        .join(", ")}.\n`,
    `## Commands\n\n"own sections": the people of the sections that the account teaches. "lower roles": people with a lower role. "own teachers": the staff of the account's section, and any staff who wrote first.\n\n${header("command")}${lines(commands.map((command) => [`\`${command.name}\``, ...roles.map((role) => commandCell(command, role))]))}`,
    `## Files\n\nFor a student \`ada\`, or a member of staff of that name; \`alan\` is a student they teach (an assistant: in their own sections). "read": see names, read and run files. "write": create, change, rename and delete files and folders.\n\n${header("place")}${lines(places.map(([path, what]) => [`\`${path}\` (${what})`, ...roles.map((role) => fileCell(path, role))]))}`,
    `## Permissions\n\n${header("permission")}${lines(permissions.map((permission) => [permission, ...roles.map((role) => (may(role, permission) ? "yes" : "no"))]))}`,
  ].join("\n");
}

function header(first: string): string {
  return `| ${first} | ${roles.join(" | ")} |\n| --- |${" --- |".repeat(roles.length)}\n`;
}

function lines(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `| ${row.join(" | ")} |\n`).join("");
}

function commandCell({ permission, reach }: Command, role: Role): string {
  if (permission && !may(role, permission)) return "no";
  return reach?.[role] ?? "yes";
}

/** Whoever may look at students at all teaches alan. */
const alan = { username: "alan", name: "", section: undefined };
const students: Students = {
  refresh: () => Promise.resolve(),
  find: (_person, username) => (username === "alan" ? alan : undefined),
  list: () => [alan],
};

function fileCell(path: string, role: Role): string {
  try {
    const place = locate(path, { username: "ada", role }, 64, students);
    return place.kind === "disk" && place.writable ? "read, write" : "read";
  } catch (error) {
    if (error instanceof UserError) return "no";
    throw error;
  }
}

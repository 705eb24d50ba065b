/** The usage line and the help page of a command, made from its declaration. */
import type { Command } from "./command.ts";

/** `user add USER [--role ROLE] [--json]` */
export function usage(command: Command): string {
  const options = Object.entries(command.options ?? {}).map(([name, option]) =>
    option.type === "boolean" ? `[--${name}]` : `[--${name} ${option.value ?? "VALUE"}]`,
  );
  if (command.json) options.push("[--json]");
  const words = command.arguments === undefined ? [] : [command.arguments];
  // What follows a script's name is the script's.
  return [command.name, ...(command.rawArguments ? [...options, ...words] : [...words, ...options])].join(" ");
}

/** What `help COMMAND` prints. */
export function helpFor(command: Command): string {
  const options = Object.entries(command.options ?? {}).map(
    ([name, option]) =>
      [`--${name}${option.type === "string" ? ` ${option.value ?? "VALUE"}` : ""}`, option.doc] as const,
  );
  if (command.json) options.push(["--json", "print one JSON document"]);
  const width = Math.max(0, ...options.map(([name]) => name.length));
  const parts = [`Usage: ${usage(command)}\n\n${command.summary}.\n`];
  if (options.length > 0)
    parts.push(`\nOptions:\n${options.map(([name, doc]) => `  ${name.padEnd(width)}  ${doc}\n`).join("")}`);
  if (command.details) parts.push(`\n${command.details.trim()}\n`);
  return parts.join("");
}

/** What `help` prints: one line for each command. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length + (command.arguments?.length ?? 0) + 1));
  const lines = commands.map(
    (command) => `  ${`${command.name} ${command.arguments ?? ""}`.padEnd(width)}  ${command.summary}\n`,
  );
  return `Commands ("help COMMAND" explains one):\n\n${lines.join("")}`;
}

/** The usage line and the help page of a command, made from its declaration. */
import { wrap } from "../base/wrap.ts";
import type { Command } from "./command.ts";

/** The usage line of a command: `user add USER [--role ROLE] [--json]`. */
export function usage(command: Command): string {
  const options = Object.entries(command.options ?? {}).map(([name, option]) =>
    option.type === "boolean" ? `[--${name}]` : `[--${name} ${option.value ?? "VALUE"}]`,
  );
  if (command.json) options.push("[--json]");
  const words = command.arguments === undefined ? [] : [command.arguments];
  // What follows a script's name belongs to the script.
  return [command.name, ...(command.rawArguments ? [...options, ...words] : [...words, ...options])].join(" ");
}

/** The text of `help COMMAND`. */
export function helpFor(command: Command): string {
  const options = Object.entries(command.options ?? {}).map(
    ([name, option]) =>
      [`--${name}${option.type === "string" ? ` ${option.value ?? "VALUE"}` : ""}`, option.doc] as const,
  );
  if (command.json) options.push(["--json", "print one JSON document"]);
  // An option and its value stay together.
  const whole = usage(command).replaceAll(/\[[^\]]*\]/g, (option) => option.replaceAll(" ", noBreak));
  const parts = [
    ...entry("Usage: ", whole).map((line) => line.replaceAll(noBreak, " ")),
    "",
    ...wrap(`${command.summary}.`, columns),
  ];
  if (options.length > 0) parts.push("", "Options:", ...entries(options));
  if (command.details) parts.push("", ...filled(command.details.trim()));
  return `${parts.join("\n")}\n`;
}

/** The text of `help`: a line or two for each command. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map((command) => [`${command.name} ${command.arguments ?? ""}`, command.summary] as const);
  return `${['Commands ("help COMMAND" explains one):', "", ...entries(rows)].join("\n")}\n`;
}

const noBreak = "\u00a0";

/** Help is read on terminals whose width nobody knows; this is the narrowest that is usual. */
const columns = 80;

/** Names and what they mean, side by side. */
function entries(rows: readonly (readonly [name: string, meaning: string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.flatMap(([name, meaning]) => entry(`  ${name.padEnd(width)}  `, meaning));
}

/** Text behind a heading, its further lines below its first. */
function entry(heading: string, text: string): string[] {
  return wrap(text, columns - heading.length).map((line, index) =>
    index === 0 ? `${heading}${line}` : `${" ".repeat(heading.length)}${line}`,
  );
}

/** Each line of prose broken to the width; what is indented is for copying, and stays. */
function filled(text: string): string[] {
  return text.split("\n").flatMap((line) => (line.startsWith(" ") ? [line] : wrap(line, columns)));
}

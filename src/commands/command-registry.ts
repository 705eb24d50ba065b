/**
 * All commands, and the only way to run one: a line becomes words, words a command, its permission is checked, its
 * answer printed.
 */
import { parseArgs } from "node:util";
import { distance } from "fastest-levenshtein";
import { isUsername } from "../auth/account.ts";
import { may } from "../auth/roles.ts";
import { errorText, explain, logBug, type Report } from "../base/error-report.ts";
import { exitStatus, UserError } from "../base/errors.ts";
import type { Command, CommandContext, Exit, Input } from "./command.ts";
import { attachCommand } from "./nouns/attach-command.ts";
import { assignmentCommands } from "./nouns/assignment-commands.ts";
import { auditCommands } from "./nouns/audit-commands.ts";
import { backupCommands } from "./nouns/backup-commands.ts";
import { completionCommand } from "./nouns/completion-command.ts";
import { classCommands } from "./nouns/class-commands.ts";
import { generalCommands } from "./nouns/general-commands.ts";
import { fileCommands } from "./nouns/file-commands.ts";
import { handCommands } from "./nouns/hand-commands.ts";
import { helpCommand } from "./nouns/help-command.ts";
import { limitCommands, type SharedLimits } from "./nouns/limit-commands.ts";
import { lockCommands } from "./nouns/lock-commands.ts";
import { logCommands } from "./nouns/log-commands.ts";
import { keyCommands } from "./nouns/key-commands.ts";
import { metricsCommand } from "./nouns/metrics-command.ts";
import { messageCommands } from "./nouns/message-commands.ts";
import { nodeCommands } from "./nouns/node-commands.ts";
import { passwdCommand } from "./nouns/passwd-command.ts";
import { rosterCommands } from "./nouns/roster-commands.ts";
import { runCommand } from "./nouns/run-command.ts";
import { sectionCommands } from "./nouns/section-commands.ts";
import { sessionCommands } from "./nouns/session-commands.ts";
import { userCommands } from "./nouns/user-commands.ts";
import { userRenameCommands } from "./nouns/user-rename-commands.ts";
import { userStateCommands } from "./nouns/user-state-commands.ts";
import { usageCommand } from "./nouns/usage-command.ts";
import { helpFor, usage } from "./usage-text.ts";
import type { Services } from "./services.ts";
import { refuseTool } from "./refused-tools.ts";
import { fileToolOf } from "./transfer/file-tools.ts";
import { runFileTool } from "./transfer/run-file-tool.ts";
import { splitWords } from "./words.ts";

/** All commands, in the order of `help`. */
export const commands: readonly Command[] = [
  helpCommand(() => commands),
  ...generalCommands,
  metricsCommand,
  passwdCommand,
  ...keyCommands,
  runCommand,
  ...userCommands,
  ...userStateCommands,
  ...userRenameCommands,
  ...rosterCommands,
  ...sectionCommands,
  ...fileCommands,
  ...assignmentCommands,
  ...sessionCommands,
  attachCommand,
  ...classCommands,
  usageCommand,
  ...handCommands,
  ...messageCommands,
  ...nodeCommands,
  ...lockCommands((services) => services.locks),
  ...limitCommands(limitsOf),
  ...auditCommands,
  ...logCommands,
  ...backupCommands,
  completionCommand(() => commands),
];

function limitsOf({ limits, runs, commands, messages, throttle }: Services): SharedLimits {
  return { state: limits, limiters: [runs, commands, messages], throttle };
}

/** Runs one command line. Never throws: errors are printed to standard error, in one form for all commands. */
export async function execute(line: string, context: CommandContext): Promise<Exit> {
  let json = false;
  let found: Found | undefined;
  try {
    const tool = fileToolOf(line, context.account.username);
    if (tool) {
      authorize(fileTransfer, context);
      return await runFileTool(tool, context);
    }
    found = find(line);
    const { command, rest } = found;
    const wantsHelp = command.rawArguments ? rest[0] === "--help" : rest.includes("--help") || rest.includes("-h");
    if (wantsHelp) {
      await write(context, helpFor(command));
      return { kind: "exit", status: exitStatus.done };
    }
    json = command.json === true && rest.includes("--json");
    authorize(command, context);
    const result = await command.run(context, parse(command, rest));
    if (result.kind === "exit") return result;
    await write(context, json ? `${JSON.stringify(result.json, undefined, 2)}\n` : result.text);
    return { kind: "exit", status: result.status ?? exitStatus.done };
  } catch (error) {
    const told = explain(error, context.log, { user: context.account.username });
    const asked = json || /(^|\s)--json(\s|$)/.test(line);
    context.stderr.write(`${errorText(told)}${asked ? errorDocument(told) : ""}`);
    if (found && told.exitStatus === exitStatus.notPermitted) await recordRefusal(found, told, context);
    return { kind: "exit", status: told.exitStatus };
  }
}

/** The line of JSON that follows an error's words, for programs. */
function errorDocument({ code, message, hint, facts }: Report): string {
  return `${JSON.stringify({ error: { code, message, hint: hint ?? null, ...facts } })}\n`;
}

/** Records a refused command in the audit trail, without its words: somebody may have typed a password there. */
async function recordRefusal(
  { command, rest }: Found,
  told: Report,
  { account, address, services, log }: CommandContext,
): Promise<void> {
  try {
    const [first = ""] = rest;
    const subject = /^\[?USER/.test(command.arguments ?? "") && isUsername(first) ? first : undefined;
    await services.audit.record({
      actor: account.username,
      address,
      action: "command.refused",
      subject,
      result: "refused",
      detail: { command: command.name, reason: told.code },
    });
  } catch (error) {
    logBug(error, log, { user: account.username });
  }
}

interface Found {
  readonly command: Command;
  /** The words after the command's name. */
  readonly rest: readonly string[];
}

const maxGuessed = 40;

/** The command with the longest name that the line begins with. */
function find(line: string): Found {
  let words: readonly string[];
  try {
    words = splitWords(line);
  } catch (error) {
    refuseTool(line); // tools send scripts for a shell, with quotes that are none here
    throw error;
  }
  const two = words.slice(0, 2).join(" ");
  const exact = commands.find((command) => command.name === two && words.length >= 2);
  if (exact) return { command: exact, rest: words.slice(2) };
  const one = commands.find((command) => command.name === words[0] && !command.name.includes(" "));
  if (one) return { command: one, rest: words.slice(1) };
  const verbs = commands.filter((command) => command.name.startsWith(`${words[0]} `));
  if (verbs.length > 0) {
    const names = verbs.map((command) => command.name).join(", ");
    throw new UserError(
      "usage",
      words[1] ? `there is no command "${two}"` : `"${words[0]}" needs one more word`,
      `The commands are: ${names}.`,
    );
  }
  refuseTool(line);
  const typed = words[0] ?? "";
  // A line longer than the longest command and a slip is no misspelt command: comparing 16 KB of nonsense took a fifth
  // of a second.
  const near =
    two.length > maxGuessed ? undefined : commands.toSorted((a, b) => distance(a.name, two) - distance(b.name, two))[0];
  const guess = near && distance(near.name, two) <= Math.min(3, two.length / 2) ? `Did you mean "${near.name}"? ` : "";
  throw new UserError(
    "unknown-command",
    typed ? `there is no command "${shorten(typed)}"` : "no command was given",
    `${guess}"help" lists all commands.`,
  );
}

/** What a file transfer needs. */
const fileTransfer = { name: "file transfer", permission: "session" } as const;

function authorize(
  command: Pick<Command, "name" | "permission" | "beforePasswordChange">,
  context: CommandContext,
): void {
  const { account } = context;
  if (account.state === "disabled") {
    throw new UserError("account-disabled", "this account is disabled", "Ask your teacher to enable it.");
  }
  if (account.mustChangePassword && !command.beforePasswordChange) {
    throw new UserError(
      "password-change-required",
      "you have to change your initial password first",
      'Log in once without a command, or run "passwd".',
    );
  }
  if (command.permission && !may(account.role, command.permission)) {
    throw new UserError(
      "not-permitted",
      `your role (${account.role}) does not allow "${command.name}"`,
      '"help" lists what you may do.',
    );
  }
}

function parse(command: Command, words: readonly string[]): Input {
  const own = command.rawArguments ? ownWords(command, words) : words.length;
  const options = Object.fromEntries(
    Object.entries(command.options ?? {}).map(([name, option]) => [name, { type: option.type }]),
  );
  if (command.json) options.json = { type: "boolean" };
  try {
    const { values, positionals } = parseArgs({
      args: words.slice(0, own),
      options,
      allowPositionals: true,
      strict: true,
    });
    return checked(command, [...positionals, ...words.slice(own)], values);
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    // node:util writes about '--' and positionals; people need the usage line.
    const why = (cause.message.split(/[.\n]/)[0] ?? "wrong usage").replaceAll("'", '"');
    throw new UserError("usage", why.charAt(0).toLowerCase() + why.slice(1), `Usage: ${usage(command)}`, { cause });
  }
}

/** The number of words before a script's name, which are the command's own options and their values. "--" ends them. */
function ownWords(command: Command, words: readonly string[]): number {
  const takesValue = (word = ""): boolean => command.options?.[word.replace(/^--/, "")]?.type === "string";
  const script = words.findIndex((word, at) => {
    const before = words[at - 1];
    return before === "--" || (!word.startsWith("-") && !takesValue(before));
  });
  return script < 0 ? words.length : script;
}

function checked(command: Command, positionals: readonly string[], values: Readonly<Record<string, unknown>>): Input {
  const shape = (command.arguments ?? "").split(" ").filter(Boolean);
  const required = shape.filter((name) => !name.startsWith("[")).length;
  const unlimited = shape.some((name) => name.includes("..."));
  if (positionals.length < required || (!unlimited && positionals.length > shape.length)) {
    const few = positionals.length < required;
    const problem = few
      ? `${shape[positionals.length]} is missing`
      : `unexpected argument "${shorten(positionals[shape.length] ?? "")}"`;
    const quotes = few ? "" : `. Text with spaces needs quotes that reach classh: '"Grace H."'`;
    throw new UserError("usage", problem, `Usage: ${usage(command)}${quotes}`);
  }
  return {
    arguments: positionals,
    text: (option) => (typeof values[option] === "string" ? values[option] : undefined),
    flag: (option) => values[option] === true,
  };
}

function shorten(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
  return clean.length > 40 ? `${clean.slice(0, 40)}…` : clean;
}

/** Resolves when the client has room for more, or is gone. */
async function write(context: CommandContext, text: string): Promise<void> {
  if (context.closed.aborted || context.stdout.destroyed || context.stdout.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      context.stdout.off("drain", done);
      context.stdout.off("close", done);
      context.closed.removeEventListener("abort", done);
      resolve();
    };
    context.stdout.once("drain", done);
    context.stdout.once("close", done);
    context.closed.addEventListener("abort", done, { once: true });
  });
}

/** The command line on the server: serve, migrate, health, and every command of the registry in the running server. */
import { mkdir, open } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import yargs from "yargs";
import { createLog, type Log } from "../base/log.ts";
import { errorText, explain } from "../base/error-report.ts";
import { systemCode, UserError } from "../base/errors.ts";
import { runOnServer } from "../commands/control-client.ts";
import { cleanEnvironment, inheritedListener, processEnvironment } from "../config/environment.ts";
import { loadSettings } from "../config/load.ts";
import type { Settings } from "../config/schema.ts";
import { migrateDatabase } from "./foundation.ts";
import { health } from "./health.ts";
import { isRestore, restoreCommand } from "./restore-command.ts";
import { serve } from "./serve.ts";

interface Flags {
  readonly config?: string | undefined;
  readonly data?: string | undefined;
  readonly listen?: string | undefined;
  readonly workers?: number | string | undefined;
  readonly demo?: boolean;
  readonly as?: string | undefined;
}

/** Our own commands; any other first word makes the line a command for the running server. */
const ownCommands = new Set(["serve", "migrate", "health"]);
const flagsWithValue = new Set(["--config", "--data", "--as"]);

/** Runs the command line; resolves with the exit status. */
export async function main(words: readonly string[]): Promise<number> {
  cleanEnvironment();
  const { own, command } = split(words);
  let log: Log | undefined;
  try {
    const flags = await parse(own);
    if (flags === undefined) return 0;
    if (isRestore(command)) return await restoreCommand(settingsOf(flags), command, createLog({ level: "warn" }));
    if (command.length > 0) return await remote(flags, command);
    if (own.length === 0) throw new UserError("usage", "no command was given", "classh --help shows how to use it.");
    const warnings: string[] = [];
    const settings = settingsOf(flags, (sentence) => warnings.push(sentence));
    if (own.includes("health")) return await health(settings);
    log = await logOf(settings);
    for (const sentence of warnings) {
      log.warn("a setting has its old name", { sentence });
      process.stderr.write(`classh: ${sentence}\n`);
    }
    if (own.includes("migrate")) return await migrateOnly(settings, log);
    return await serve({ settings, listener: inheritedListener(), demo: flags.demo ?? true, log });
  } catch (error) {
    const standardError = createLog({ level: "error" });
    const told = explain(error, standardError);
    await standardError.flush?.();
    process.stderr.write(errorText(told));
    return told.exitStatus;
  } finally {
    await log?.flush?.();
  }
}

function split(words: readonly string[]): { own: readonly string[]; command: readonly string[] } {
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? "";
    if (flagsWithValue.has(word)) i++;
    else if (!word.startsWith("-"))
      return ownCommands.has(word) ? { own: words, command: [] } : { own: words.slice(0, i), command: words.slice(i) };
  }
  return { own: words, command: [] };
}

/** The flags; undefined when help or the version was shown. */
async function parse(words: readonly string[]): Promise<Flags | undefined> {
  let shown = false;
  const parser = yargs([...words])
    .scriptName("classh")
    .usage(
      "$0 serve [options]         run the server\n$0 [options] COMMAND ...   run a command in the running server: try help",
    )
    .command("serve", "Run the server", (command) =>
      command
        .option("listen", { type: "string", describe: "HOST:PORT to accept SSH connections on" })
        .option("workers", {
          type: "string",
          describe: "number of worker processes; auto: one for each core; 1: everything in one process",
        })
        .option("demo", { type: "boolean", default: true, describe: "create a demo class in an empty database" }),
    )
    .command("migrate", "Bring the database up to date and exit")
    .command("health", "Check the running server: exit status 0 or 1")
    .option("data", { type: "string", describe: "the directory for all data" })
    .option("config", { type: "string", describe: "a settings file" })
    .option("as", { type: "string", describe: "run COMMAND as this user" })
    .demandCommand(0)
    .strict()
    .version(false)
    .help()
    .exitProcess(false)
    .fail((message: string, error: Error | undefined) => {
      if (error) throw error;
      throw new UserError(
        "usage",
        message.charAt(0).toLowerCase() + message.slice(1),
        "classh --help shows how to use it.",
      );
    });
  const parsed = await parser.parseAsync([...words], {}, (_error: unknown, _argv: unknown, output: string) => {
    if (!output) return;
    shown = true;
    process.stdout.write(`${output}\n`);
  });
  return shown ? undefined : pick(parsed);
}

function pick(parsed: Record<string, unknown>): Flags {
  const twice = Object.keys(parsed).find((name) => name !== "_" && Array.isArray(parsed[name]));
  if (twice !== undefined) throw new UserError("usage", `--${twice} is given more than once`, "Give it once.");
  const text = (name: string): string | undefined => (typeof parsed[name] === "string" ? parsed[name] : undefined);
  const workers = text("workers");
  return {
    workers: workers !== undefined && /^\d+$/.test(workers) ? Number(workers) : workers,
    config: text("config"),
    data: text("data"),
    listen: text("listen"),
    as: text("as"),
    demo: parsed.demo !== false,
  };
}

function settingsOf(flags: Flags, warn?: (sentence: string) => void): Settings {
  return loadSettings({
    file: flags.config,
    environment: processEnvironment(),
    flags: { listen: flags.listen, data: flags.data, "cluster.workers": flags.workers },
    ...(warn ? { warn } : {}),
  });
}

async function logOf(settings: Settings): Promise<Log> {
  const { level, file } = settings.log;
  if (file === "-") return createLog({ level });
  const where = file || join(resolve(settings.data), "log", "classh.log");
  try {
    // The log is the first thing that is written: a data directory of somebody else is noticed here.
    await mkdir(dirname(where), { recursive: true, mode: 0o700 });
    await (await open(where, "a", 0o600)).close();
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "EISDIR"].includes(systemCode(error) ?? "")) throw error;
    throw new UserError(
      "bad-setting",
      `can't write to ${where}`,
      "Give another directory with --data, or give this one to the account: chown classh.",
      { cause: error },
    );
  }
  return createLog({ level, file: where });
}

/** Sends a command to the server that runs on the data directory. Words are quoted again: the server splits them. */
function remote(flags: Flags, command: readonly string[]): Promise<number> {
  const line = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return runOnServer(join(resolve(settingsOf(flags).data), "control.sock"), line, flags.as);
}

async function migrateOnly(settings: Settings, log: Log): Promise<number> {
  await migrateDatabase({ settings, log });
  process.stdout.write("classh: the database is up to date\n");
  return 0;
}

/**
 * A transfer, from the line to its end: the program is started in the person's jail, on pipes, as `run` starts one of theirs. So it
 * sees the same paths with the same rights, and the same limits hold for what is stored. No clock counts its running: it ends with the client,
 * after a time in which nothing moved, or when the person may no longer see what it shows.
 */
import { access, constants } from "node:fs/promises";
import { Writable } from "node:stream";
import { counted } from "../../base/counted.ts";
import { logBug } from "../../base/error-report.ts";
import { UserError } from "../../base/errors.ts";
import { Scope } from "../../base/scope.ts";
import type { JailSpec } from "../../runner/jail-spec.ts";
import { jailSpecFor } from "../../session/jail-spec-for.ts";
import type { CommandContext, Exit } from "../command.ts";
import { exitOf } from "../outcome-exit.ts";
import { requireOwn } from "../people.ts";
import { isShutOut } from "../stoppable-run.ts";
import { FileAudit } from "./file-audit.ts";
import type { FileTool } from "./file-tools.ts";
import { takeTransfer } from "./transfer-slot.ts";
import { SftpLog } from "./sftp-log.ts";

/**
 * What runs programs of the person's own, as git its hooks, has their clock, which restarts when the client sends something that is waited for. But
 * git's own work, to pack what was pushed, may take longer than a program should.
 */
const workFactor = 10;

/** Milliseconds between two looks whether the transfer may go on. */
const lookMs = 5000;

/** Runs it; the person's streams are the program's. Throws a UserError when it can't be started. */
export async function runFileTool(tool: FileTool, context: CommandContext): Promise<Exit> {
  const { account, services, stdin, stdout, stderr, onSignal } = context;
  requireOwn("files", context);
  const program = await installed(tool);
  await using scope = new Scope("transfer");
  scope.own(await takeTransfer(context));
  const spec = await specOf(tool, context);
  const audit = new FileAudit(services.audit, { actor: account.username, address: context.address });
  const log = new SftpLog(
    (operation) => audit.note(operation),
    once(() => tellLimits(context)),
  );
  const passage = new Passage(spec, context, scope);
  const outcome = await services.runner.runTool(
    spec,
    { program, words: tool.words },
    {
      stdin,
      stdout,
      stderr: tool.name === "sftp" ? reader(log) : stderr,
      signal: AbortSignal.any([context.closed, passage.ended]),
      onBytes: (count) => passage.moved(count),
      onSignal,
    },
  );
  log.end();
  const well = outcome.kind === "exited" && outcome.status === 0;
  await audit.end(well ? "ok" : "failed", {
    tool: tool.name,
    ...(tool.name === "sftp" ? {} : { arguments: tool.words.map(({ text }) => text).join(" ") }),
    bytes: passage.bytes,
    end: passage.reason ?? (well ? undefined : outcome.kind),
  });
  return passage.reason === undefined ? exitOf(outcome, stderr) : { kind: "exit", status: 1 };
}

/** Path of the program. */
async function installed({ name, programs, debianPackage }: FileTool): Promise<string> {
  for (const program of programs) {
    try {
      await access(program, constants.X_OK);
      return program;
    } catch {
      // Perhaps it is in the next place.
    }
  }
  throw new UserError(
    "unknown-command",
    `this server has no ${name}`,
    `An admin can install it: apt-get install ${debianPackage}`,
  );
}

/** What the program sees: what the person's own programs see, and for staff the files of their students. */
async function specOf(
  { runsNothing, environment }: FileTool,
  { account, services }: CommandContext,
): Promise<JailSpec> {
  const spec = jailSpecFor(services.workspaces, services.settings.limits, account);
  const others = runsNothing ? await services.workspaces.studentMounts(account) : [];
  return {
    ...spec,
    mounts: [...spec.mounts, ...others],
    ...(environment ? { environment } : {}),
    ...(runsNothing ? {} : { limits: { runSeconds: services.settings.limits.runSeconds * workFactor } }),
  };
}

/** What reads the log that sftp-server writes to standard error. */
function reader(log: SftpLog): Writable {
  return new Writable({
    write(piece: Buffer, _encoding, done) {
      log.write(piece);
      done();
    },
  });
}

function once(work: () => void): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

/** Says what may be the reason when a file can't be written: the protocol has no words for it. */
function tellLimits({ stderr, services }: CommandContext): void {
  const { fileMebibytes, workspaceMebibytes } = services.settings.limits;
  stderr.write(
    `classh: A file could not be written. One may have up to ${fileMebibytes} MiB, and all of yours ${workspaceMebibytes} MiB.\n`,
  );
}

/** Whether a transfer may go on. */
class Passage {
  readonly #context: CommandContext;
  readonly #ending = new AbortController();
  /** What it shows of students' files, and the staff's. */
  readonly #shown: readonly string[];
  #movedAt: number;
  #bytes = 0;
  #reason: string | undefined;
  #looking = false;

  constructor({ mounts }: JailSpec, context: CommandContext, scope: Scope) {
    this.#context = context;
    this.#shown = mounts.map(({ target }) => target).filter((target) => /^\/(students|staff)\//.test(target));
    const { clock } = context.services;
    this.#movedAt = clock.monotonic();
    scope.own(clock.every(lookMs, () => void this.#look().catch((error: unknown) => logBug(error, context.log))));
  }

  /** Aborted when it must end. */
  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  /** Why it had to end, if so. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** Bytes in both directions. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Notes that bytes passed. */
  moved(count: number): void {
    this.#bytes += count;
    this.#movedAt = this.#context.services.clock.monotonic();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { clock, settings } = this.#context.services;
      const minutes = settings.limits.transferIdleMinutes;
      if (minutes > 0 && clock.monotonic() - this.#movedAt > minutes * 60_000)
        this.#end(`nothing was transferred for ${counted(minutes, "minute")}`);
      else if (await isShutOut(this.#context)) this.#end("this account is disabled");
      else if (this.#shown.length > 0 && !(await this.#maySeeAll()))
        this.#end("your students have changed; connect again");
    } finally {
      this.#looking = false;
    }
  }

  /** Whether the person may still see, and as they are shown, everybody whose files are shown. */
  async #maySeeAll(): Promise<boolean> {
    const { account, services } = this.#context;
    const now = await services.accounts.find(account.username);
    if (!now || now.role !== account.role) return false;
    const mounts = [...services.workspaces.hostMounts(now), ...(await services.workspaces.studentMounts(now))];
    const may = new Set(mounts.map(({ target }) => target));
    return this.#shown.every((target) => may.has(target));
  }

  #end(reason: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#context.stderr.write(`classh: ${reason}.\n`);
    this.#ending.abort();
  }
}

/** log follow: the logs of all processes, as they are written. */
import { may } from "../../auth/roles.ts";
import { BoundedLines } from "../../base/bounded-lines.ts";
import { counted } from "../../base/counted.ts";
import { UserError } from "../../base/errors.ts";
import { logLevels, type LogLevel } from "../../base/log.ts";
import type { LogFilter } from "../../base/log-lines.ts";
import { Scope } from "../../base/scope.ts";
import type { Command, CommandContext, Input } from "../command.ts";
import { onInterruptKey } from "../interrupt-key.ts";
import { logLineJson, logLineText } from "../log-line-text.ts";
import { LogFollower } from "../log-follower.ts";

/** Milliseconds between checks that the person may still read it. */
const checkMs = 3000;

const follow: Command = {
  name: "log follow",
  summary: "Follow the log of all processes while it is written",
  permission: "log.read",
  options: {
    level: {
      type: "string",
      value: "LEVEL",
      doc: "this level and graver ones (default info)",
      choices: logLevels,
    },
    user: { type: "string", value: "USER", doc: "only lines about this account" },
    json: {
      type: "boolean",
      doc: "each line as a document of JSON, with all its fields and the name of its process as from",
    },
  },
  details: `It ends with Ctrl-C. Lines come from all workers, the primary, and all machines that share the database where cluster.listen connects them; \
a process that can't be reached is named. Nothing that a person types is in the log. "session" and "run" tell lines of one session and of one run. \
What log.level (a setting) leaves out is not there. Who reads too slowly misses lines: their number stands in their place.`,
  async run(context, input) {
    const filter = filterOf(input);
    const json = input.flag("json");
    const lines = outputOf(context, json);
    await using scope = new Scope("log follow");
    const follower = new LogFollower(scope, context, filter, {
      line: (node, line) => lines.add(json ? logLineJson(node, line) : logLineText(node, line)),
      remark: (text) => context.stderr.destroyed || context.stderr.write(`classh: ${text}.\n`),
    });
    await follower.look();
    context.log.info("somebody follows the log", { user: context.account.username });
    await until(context, scope);
    return { kind: "exit", status: 0 };
  },
};

function filterOf(input: Input): LogFilter {
  const level = input.text("level") ?? "info";
  if (!(logLevels as readonly string[]).includes(level))
    throw new UserError(
      "usage",
      `there is no level ${JSON.stringify(level.slice(0, 40))}`,
      `The levels are ${logLevels.join(", ")}.`,
    );
  return { level: level as LogLevel, user: input.text("user") };
}

/** The way to the person, who may be slow or never read. */
function outputOf({ stdout }: CommandContext, json: boolean): BoundedLines {
  return new BoundedLines({
    send(line, sent) {
      if (!stdout.destroyed) stdout.write(`${line}\n`, () => sent());
    },
    dropped: (count) =>
      json
        ? JSON.stringify({ dropped: count })
        : `... ${counted(count, "line")} left out: they came faster than they were read`,
  });
}

/** Resolves when the person has had enough, or is gone; throws when they may not read it any more. */
async function until(context: CommandContext, scope: Scope): Promise<void> {
  const { closed, onSignal, stdin, stdout, terminal, services, account, log } = context;
  await new Promise<void>((resolve, reject) => {
    scope.own(onSignal(() => resolve()));
    if (terminal) scope.own(onInterruptKey(stdin, resolve));
    stdout.once("close", resolve);
    scope.defer(() => void stdout.off("close", resolve));
    const end = (): void => resolve();
    closed.addEventListener("abort", end, { once: true });
    scope.defer(() => closed.removeEventListener("abort", end));
    const check = async (): Promise<void> => {
      const found = await services.accounts.find(account.username);
      if (found?.id === account.id && found.state === "active" && may(found.role, "log.read")) return;
      reject(new UserError("not-permitted", "your account may not read the log any more", "Ask an admin."));
    };
    scope.own(
      services.clock.every(
        checkMs,
        () => void check().catch((error: unknown) => log.debug("the account can't be checked", { error })),
      ),
    );
    if (closed.aborted || stdout.destroyed) resolve();
  });
}

/** The commands `log ...`. */
export const logCommands: readonly Command[] = [follow];

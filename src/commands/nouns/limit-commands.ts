/** limit list|show|reset */
import type { SharedLoginThrottle } from "../../limits/shared-login-throttle.ts";
import type { SharedRateLimiter } from "../../limits/shared-rate.ts";
import type { LimitInfo, SharedState } from "../../limits/shared-state.ts";
import { counted } from "../../base/counted.ts";
import { courseLimitsFor, shownLimits } from "../../session/course-limits.ts";
import { answer, type Command } from "../command.ts";
import { findToChange, inListedSection, onlySectionOption } from "../people.ts";
import { resettable } from "../reach.ts";
import type { Services } from "../services.ts";
import { table } from "../table.ts";

/** The shared limits of a server. */
export interface SharedLimits {
  readonly state: SharedState;
  readonly limiters: readonly SharedRateLimiter[];
  readonly throttle: SharedLoginThrottle;
}

const show: Command = {
  name: "limit show",
  summary: "Show what a program may use, and which course settings say so",
  arguments: "FILE",
  permission: "run",
  json: true,
  shape:
    "{ path: text, seconds: number, memoryMebibytes: number, processes: number, outputMebibytes: number, files: text[], problems: text[] }",
  details:
    "A professor may set limits for the programs of a folder of the course, in its .classh.yaml. They hold for the same place in your own files, too.",
  async run({ account, services }, input) {
    const workspace = services.workspaces.for(account);
    const path = workspace.normalise(input.arguments[0] ?? "");
    await workspace.stat(path);
    const { limits, files, problems } = await courseLimitsFor(path, workspace, services.settings.limits.course);
    const { runSeconds, runMemoryMebibytes, runProcesses, outputMebibytes } = {
      ...services.settings.limits,
      ...limits,
    };
    const values = { runSeconds, runMemoryMebibytes, runProcesses, outputMebibytes };
    const sources = files.length === 0 ? "" : `Set by ${files.join(" and ")}.\n`;
    return answer(
      {
        path,
        seconds: runSeconds,
        memoryMebibytes: runMemoryMebibytes,
        processes: runProcesses,
        outputMebibytes,
        files,
        problems,
      },
      `A program there may use ${shownLimits(values)}.\n${sources}${problems.map((each) => `${each}\n`).join("")}`,
    );
  },
};

/** The commands `limit ...`; `limitsOf` finds the limits of a server. */
export function limitCommands(limitsOf: (services: Services) => SharedLimits): readonly Command[] {
  const list: Command = {
    name: "limit list",
    summary: "List who has used up part of a limit, and failed logins",
    permission: "user.read",
    json: true,
    shape:
      "{ limit: text, username: text, address?: text | null, failures?: number, lastAllowed: boolean, secondsLeft: seconds }[]",
    details:
      "Accounts that have not done anything lately are not shown. ALL FREE says when everything is available again.",
    options: { section: onlySectionOption },
    async run(context, input) {
      const isIn = await inListedSection(context, input);
      const found = (await limitsOf(context.services).state.list()).filter(({ subject }) => isIn(subject));
      const rows = found.map((info) => [info.limit, info.subject, detail(info), `in ${Math.ceil(info.secondsLeft)} s`]);
      return answer(found.map(view), table(["LIMIT", "USER", "DETAIL", "ALL FREE"], rows, "Nobody is near a limit."));
    },
  };
  const reset: Command = {
    name: "limit reset",
    summary: "Forget what an account has used up, and its failed logins",
    arguments: "USER",
    permission: "user.reset-password",
    reach: resettable,
    json: true,
    shape: "{ username: text, reset: boolean }",
    async run(context, input) {
      const { services, account, address } = context;
      const { username } = await findToChange(context, input);
      const { limiters, throttle } = limitsOf(services);
      const results = await Promise.all([
        throttle.reset(username),
        ...limiters.map((limiter) => limiter.reset(username)),
      ]);
      const done = results.includes(true);
      await services.audit.record({
        actor: account.username,
        address,
        action: "limit.reset",
        subject: username,
        result: "ok",
      });
      return answer(
        { username, reset: done },
        done ? `Reset the limits of ${username}.\n` : `There was nothing to reset for ${username}.\n`,
      );
    },
  };
  return [list, show, reset];
}

function detail({ failures, address, allowed }: LimitInfo): string {
  if (failures === undefined) return allowed ? "" : "refused last time";
  return `${counted(failures, "failed login")} from ${address || "all addresses"}`;
}

function view({ limit: name, subject, address, failures, secondsLeft, allowed }: LimitInfo): object {
  const login = failures === undefined ? {} : { address: address || null, failures };
  return { limit: name, username: subject, ...login, lastAllowed: allowed, secondsLeft: Math.ceil(secondsLeft) };
}

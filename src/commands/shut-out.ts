/**
 * Shuts people out at once, in every process and whatever they have open: when they may not go on, or have to log in
 * again.
 */
import { logBug } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { Services } from "./services.ts";

/** Who shuts people out: a command, or the person's own screen. */
export interface ShutOutContext {
  readonly services: Services;
  readonly log: Log;
  /** The caller's own connection, which stays. */
  readonly connection?: object | undefined;
  /** Gets a line about each process that does not answer. */
  readonly stderr?: NodeJS.WritableStream;
}

/** Ends these people's sessions (their work is kept), terminals and connections in this process. */
export async function shutOutHere(
  { services, log, connection }: ShutOutContext,
  usernames: readonly string[],
  reason: string,
): Promise<void> {
  for (const username of usernames) {
    for (const workbench of services.sessions.of(username)) {
      await services.sessions.end(workbench, reason).catch((error: unknown) => logBug(error, log, { user: username }));
    }
    await services.disconnect(username, reason, connection);
  }
}

/** Does the same in all other processes. A process that can't be reached is named, and logged. */
export async function shutOutElsewhere(
  { services, log, stderr }: ShutOutContext,
  usernames: readonly string[],
  reason: string,
): Promise<void> {
  const { cluster } = services;
  const others = (await cluster.nodes()).filter(({ node }) => node !== cluster.node);
  await Promise.all(
    others.map(async (node) => {
      try {
        await cluster.request(node, { kind: "leave", usernames, reason });
      } catch (error) {
        logBug(error, log, { node: node.name });
        if (!(error instanceof UserError)) throw error;
        log.warn("a process did not end its people's sessions", { node: node.name, error });
        stderr?.write(`classh: ${node.name} does not answer; what is open there may stay open until it does\n`);
      }
    }),
  );
}

/** Ends everything that these people have open, everywhere, except for the caller's own connection. */
export async function shutOut(context: ShutOutContext, usernames: readonly string[], reason: string): Promise<void> {
  if (usernames.length === 0) return;
  // At the same time: a session elsewhere says goodbye on a terminal that is connected here.
  await Promise.all([shutOutHere(context, usernames, reason), shutOutElsewhere(context, usernames, reason)]);
}

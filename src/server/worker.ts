/**
 * The entry of a worker process, forked by primary.ts. It gets its settings and its connections over Node's channel.
 */
import type { Socket } from "node:net";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { explain, logBug, logUncaught } from "../base/error-report.ts";
import { createLog, type Log } from "../base/log.ts";
import type { FromWorker, ToWorker, WorkerStart } from "../cluster/worker-messages.ts";
import type { Node } from "./main.ts";
import type { Ticket } from "../ssh/startups.ts";
import { shutdownTimes } from "./shutdown-times.ts";

/** Time between two signs of life; the primary waits for several (`doubtMs` in cluster/worker-process). */
const loadMs = 2_000;

class Worker {
  readonly #log: Log;
  readonly #node: Node;
  #received = 0;
  #ending = false;

  constructor(node: Node, log: Log) {
    this.#node = node;
    this.#log = log;
  }

  /** Serves until it is told to end; then the process ends. */
  run(): void {
    process.on("message", (message: ToWorker, socket: unknown) => this.#hear(message, socket as Socket | undefined));
    process.on("disconnect", () => this.#end("the primary is gone", false));
    process.on("SIGTERM", () => this.#end("SIGTERM", true));
    this.#node.onConnections(() => this.#tellLoad());
    const { logLines } = this.#node.services;
    logLines.onWanted((wanted) => tell({ type: "log-wanted", wanted }));
    this.#node.onDrainAsked(() => this.#end("an admin asked", true));
    setInterval(() => this.#tellLoad(), loadMs).unref();
    // The primary may have gone while we started.
    if (!process.connected) this.#end("the primary is gone", false);
  }

  #hear(message: ToWorker, socket: Socket | undefined): void {
    switch (message.type) {
      case "connection":
        this.#tellReceived(message.number);
        // A client that left before it came here leaves no socket.
        if (socket) this.#node.accept(socket.setNoDelay(true), ticketOf(message));
        else ticketOf(message).end("left");
        return this.#tellLoad();
      case "make-room":
        return this.#node.makeRoom(message.source);
      case "control":
        this.#tellReceived(message.number);
        if (socket) this.#node.acceptControl(socket);
        return;
      case "log-line":
        return this.#node.services.logLines.add(message.line);
      case "report":
        return void this.#report(message.number);
      case "drain":
        return this.#end("the server ends", false);
      case "start":
        return;
      default:
        message satisfies never;
    }
  }

  async #report(number: number): Promise<void> {
    try {
      tell({ type: "report", number, report: await this.#node.report?.() });
    } catch (error) {
      logBug(error, this.#log);
      tell({ type: "report", number, report: undefined });
    }
  }

  /** Reports the connection before it is read from: if we die before this, another worker gets it. */
  #tellReceived(number: number): void {
    this.#received = number;
    this.#tellLoad();
  }

  #tellLoad(): void {
    const { authenticated, waiting } = this.#node.connections;
    tell({ type: "load", received: this.#received, open: authenticated + waiting, waiting });
  }

  /** `alone`: the other workers go on. */
  #end(why: string, alone: boolean): void {
    this.#log.info("stopping", { why });
    if (!this.#ending) void this.#drain(alone);
    this.#ending = true;
  }

  async #drain(alone: boolean): Promise<void> {
    tell({ type: "draining" });
    const end = async (): Promise<void> => {
      await this.#node.drain({ alone });
      await this.#node[Symbol.asyncDispose]();
    };
    const ended = await Promise.race([end().then(() => true), delay(shutdownTimes.workerMs, false)]).catch(
      (error: unknown) => {
        logBug(error, this.#log);
        return true;
      },
    );
    if (!ended) this.#log.error("did not end in time");
    await this.#log.flush?.();
    process.exit(0);
  }
}

async function begin({ settings, foundation, worker }: WorkerStart): Promise<void> {
  const { level, file } = settings.log;
  // A file of its own: two processes can't rotate one.
  const name = file === "" ? join(resolve(settings.data), "log", `worker-${worker}.log`) : `${file}.worker-${worker}`;
  const log = (file === "-" ? createLog({ level }) : createLog({ level, file: name })).child({ worker });
  // A bug must end one session, not everybody's. A reader that is gone is no bug, and logging it would be the next one.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
  process.on("uncaughtException", (error) => logUncaught(error, log, { where: "uncaught exception" }));
  process.on("unhandledRejection", (error) => logUncaught(error, log, { where: "unhandled rejection" }));
  try {
    // Here, so that the primary is told why when a module refuses to load (a table of keys with a mistake).
    const { startWorker } = await import("./main.ts");
    const node = await startWorker({ settings, demo: false, log }, foundation, worker);
    new Worker(node, log).run();
    const { available, user, reason, install } = node.services.runner.jail;
    tell({
      type: "ready",
      jail: { available, user, reason, install },
      demo: (await node.services.accounts.find("ada")) !== undefined,
    });
  } catch (error) {
    const { code, message, hint } = explain(error, log);
    tell({ type: "failed", code, message, hint });
    process.disconnect();
    process.exitCode = 1;
  }
}

/** The primary's ticket of a connection, as far as this process needs it. */
function ticketOf({ number, source }: { readonly number: number; readonly source: string }): Ticket {
  let open = true;
  return {
    source,
    end(outcome, cheap = false) {
      if (open) tell({ type: "ticket-ended", number, outcome, cheap });
      open = false;
    },
  };
}

function tell(message: FromWorker): void {
  // The end of the primary ends this process, too; nobody is left to be told.
  if (process.connected) process.send?.(message, () => undefined);
}

// Neither comes from a terminal, since we have our own session; whoever sends them to all processes means the primary,
// which ends us in order.
process.on("SIGINT", () => undefined);
process.on("SIGHUP", () => undefined);
process.once("message", (message: ToWorker) => {
  if (message.type === "start") void begin(message);
});

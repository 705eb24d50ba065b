/**
 * The address at which metrics are served. A class must be able to work while it can't be had (the port is taken, an old server is just
 * ending): then it is said, and tried again and again.
 */
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock } from "../base/clock.ts";
import { systemCode } from "../base/errors.ts";
import { logBug } from "../base/error-report.ts";
import type { Log } from "../base/log.ts";
import { closeMetricsServer, createMetricsServer } from "../metrics/metrics-server.ts";
import { Scrapes } from "../metrics/scrapes.ts";
import type { ProcessReport } from "../metrics/process-report.ts";
import { parseListen } from "../ssh/listen.ts";

/** What is served, and where. */
export interface MetricsEndpointOptions {
  /** HOST:PORT. */
  readonly listen: string;
  readonly collect: () => Promise<readonly ProcessReport[]>;
  readonly draining: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

const retryMs = 10_000;

/** Metrics at an address. */
export class MetricsEndpoint implements AsyncDisposable {
  readonly #options: MetricsEndpointOptions;
  readonly #scrapes: Scrapes;
  #server: Server | undefined;
  #problem: string | undefined;
  #retry: Disposable | undefined;
  #trying: Promise<void> | undefined;
  #closed = false;

  private constructor(options: MetricsEndpointOptions) {
    this.#options = options;
    this.#scrapes = new Scrapes(options.collect, options.clock);
  }

  /** Listens, or will as soon as it can. Throws a UserError for an address that is none. */
  static async open(options: MetricsEndpointOptions): Promise<MetricsEndpoint> {
    parseListen(options.listen);
    const endpoint = new MetricsEndpoint(options);
    await endpoint.#try();
    return endpoint;
  }

  /** Where it listens; undefined while it can't. */
  get address(): AddressInfo | undefined {
    return this.#server?.address() as AddressInfo | undefined;
  }

  /** Why it does not listen, in words; undefined when it does. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#retry?.[Symbol.dispose]();
    await this.#trying;
    if (this.#server) await closeMetricsServer(this.#server);
  }

  async #try(): Promise<void> {
    const { listen, clock, log, draining } = this.#options;
    const server = createMetricsServer({ reports: () => this.#scrapes.reports(), draining, log });
    const failed = await failureToListen(server, listen);
    if (failed === undefined) {
      server.on("error", (error) => logBug(error, log));
      this.#server = server;
      this.#problem = undefined;
      log.info("metrics are served", { ...this.address });
      return;
    }
    if (this.#problem === undefined) log.error("metrics can't be served; trying again", { listen, why: failed });
    this.#problem = `metrics can't be served at ${listen}: ${failed}`;
    if (this.#closed) return;
    this.#retry = clock.after(retryMs, () => {
      this.#trying = this.#try().catch((error: unknown) => logBug(error, log));
    });
  }
}

/** Has a server listen; undefined when it does, otherwise why it can't. */
async function failureToListen(server: Server, listen: string): Promise<string | undefined> {
  const { host, port } = parseListen(listen);
  try {
    server.listen({ host, port });
    await once(server, "listening");
    return undefined;
  } catch (error) {
    const words: Readonly<Record<string, string>> = {
      EADDRINUSE: "another program listens there",
      EACCES: "this account may not listen on this port",
      EADDRNOTAVAIL: "it is no address of this machine",
    };
    return words[systemCode(error) ?? ""] ?? String(error);
  }
}

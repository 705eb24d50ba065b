/**
 * Metrics and probes over HTTP: /metrics, /livez, /readyz. It answers anybody who can reach it and has no names of people to tell, but
 * strangers must not be able to hold it up: requests are small, have no body, come within seconds, and few are served at once.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { Socket } from "node:net";
import { explain } from "../base/error-report.ts";
import type { Log } from "../base/log.ts";
import { exposition, formatFor, formats } from "./exposition.ts";
import { readinessOf } from "./readiness.ts";
import type { ProcessReport } from "./process-report.ts";

/** What a metrics server answers with. */
export interface MetricsServerOptions {
  readonly reports: () => Promise<readonly ProcessReport[]>;
  readonly draining: () => boolean;
  readonly log: Log;
}

const maxConnections = 64;
const maxHeaderBytes = 8192;
/** Milliseconds for a request, and to be silent between two; Prometheus asks every 15 seconds or more. */
const requestMs = 5_000;
const keepAliveMs = 20_000;
const maxRequestsOfConnection = 10_000;

/** An answer; `text` ends with a line feed. */
interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An HTTP server that does not listen yet. */
export function createMetricsServer(options: MetricsServerOptions): Server {
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: requestMs,
      requestTimeout: requestMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: 1000,
      noDelay: true,
    },
    (request, response) => {
      if (mayAsk(request.socket, response)) void serve(request, response, options);
    },
  );
  const open = new Set<Socket>();
  server.on("connection", (socket) => makeRoom(open, socket));
  server.maxRequestsPerSocket = maxRequestsOfConnection;
  // Nobody here speaks anything but HTTP/1.1.
  server.on("upgrade", (_request, socket) => socket.destroy());
  server.on("connect", (_request, socket) => socket.destroy());
  server.on("checkContinue", (request, response) => void serve(request, response, options));
  return server;
}

/** Connections of which a request is being answered. */
const answering = new WeakSet<Socket>();

/**
 * Whether a request is answered. Who asks again before the answer has come is cut off: no client of ours does that, and thousands of answers to
 * one that never reads would take the memory.
 */
function mayAsk(socket: Socket, response: ServerResponse): boolean {
  if (answering.has(socket)) {
    socket.destroy();
    return false;
  }
  answering.add(socket);
  response.once("close", () => answering.delete(socket));
  return true;
}

/** Of more connections than may be open the one goes that has been open longest and is not answered at the moment: newcomers are probes, too. */
function makeRoom(open: Set<Socket>, socket: Socket): void {
  open.add(socket);
  socket.once("close", () => open.delete(socket));
  if (open.size <= maxConnections) return;
  const idle = [...open].find((each) => each !== socket && !answering.has(each)) ?? socket;
  open.delete(idle);
  idle.destroy();
}

/** Stops listening and ends all connections. */
export async function closeMetricsServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Answers a request. Never rejects. */
async function serve(request: IncomingMessage, response: ServerResponse, options: MetricsServerOptions): Promise<void> {
  response.on("error", () => undefined); // the reader has gone
  const { status, type = "text/plain; charset=utf-8", text, headers = {} } = await answerTo(request, options);
  const hasBody =
    request.headers["transfer-encoding"] !== undefined || (request.headers["content-length"] ?? "0") !== "0";
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    // What it sends beyond the request is not read.
    ...(hasBody || status >= 400 ? { connection: "close" } : {}),
    ...headers,
  });
  response.end(request.method === "HEAD" ? undefined : text);
}

async function answerTo(request: IncomingMessage, options: MetricsServerOptions): Promise<Answer> {
  try {
    const [path = "", query = ""] = (request.url ?? "").split("?");
    const page = pages.get(path);
    if (!page) return { status: 404, text: "There is /metrics, /livez and /readyz.\n" };
    if (request.method !== "GET" && request.method !== "HEAD")
      return { status: 405, text: "Only GET and HEAD.\n", headers: { allow: "GET, HEAD" } };
    return await page(options, request, query);
  } catch (error) {
    return { status: 500, text: `${explain(error, options.log).message}\n` };
  }
}

type Page = (options: MetricsServerOptions, request: IncomingMessage, query: string) => Promise<Answer>;

const pages: ReadonlyMap<string, Page> = new Map<string, Page>([
  ["/metrics", metricsPage],
  ["/livez", () => Promise.resolve({ status: 200, text: "ok\n" })],
  ["/readyz", readyPage],
]);

/** Texts of reports: whoever asks within the second for which reports are good gets the same one. */
const texts = new WeakMap<readonly ProcessReport[], Map<keyof typeof formats, Promise<string>>>();

async function textOf(reports: readonly ProcessReport[], format: keyof typeof formats): Promise<string> {
  const known = texts.get(reports) ?? new Map<keyof typeof formats, Promise<string>>();
  texts.set(reports, known);
  const text = known.get(format) ?? exposition(reports, format);
  known.set(format, text);
  return await text;
}

async function metricsPage({ reports }: MetricsServerOptions, request: IncomingMessage): Promise<Answer> {
  const format = formatFor(request.headers.accept);
  return { status: 200, type: formats[format], text: await textOf(await reports(), format) };
}

async function readyPage(
  { reports, draining }: MetricsServerOptions,
  _request: IncomingMessage,
  query: string,
): Promise<Answer> {
  const readiness = readinessOf(await reports(), draining());
  const status = readiness.ready ? 200 : 503;
  if (new URLSearchParams(query).has("verbose"))
    return { status, type: "application/json", text: `${JSON.stringify(readiness, undefined, 2)}\n` };
  const text = readiness.ready ? "ok\n" : `not ready\n${readiness.troubles.map((each) => `${each}\n`).join("")}`;
  return { status, text };
}

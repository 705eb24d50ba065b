/**
 * Theory of operation: `bin/classh COMMAND` on the server runs the same commands as ssh exec, inside the running server. It
 * connects to DIR/control.sock, which only the server's own account (and root) can open, so whoever can connect is an admin.
 * Both sides speak JSON lines, at most 1 MiB each:
 *   client: {"line": "user list --json", "as": "ada"} once, then {"stdin": BASE64} ..., {"stdin": null} at the end, {"signal": "INT"}
 *   server: {"stdout": BASE64} | {"stderr": BASE64} ..., then {"status": N}
 */
import type { Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import { createInterface } from "node:readline";
import type { Account } from "../auth/account.ts";
import { Emitter } from "../base/events.ts";
import { errorText, explain } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import { listenForControl } from "./control-listener.ts";
import { execute } from "./command-registry.ts";
import type { Services } from "./services.ts";

/**
 * The account that acts when none is named. It is not in the database, so commands about the caller's own account do
 * not work for it.
 */
const localAdmin: Account = {
  id: 0,
  username: "local",
  role: "admin",
  name: "the server's own account",
  email: undefined,
  section: undefined,
  sections: [],
  state: "active",
  store: "embedded",
  mustChangePassword: false,
  createdAt: new Date(0),
  lastLoginAt: undefined,
};

interface ClientMessage {
  readonly line?: string;
  readonly as?: string;
  readonly stdin?: string | null;
  readonly signal?: string;
}

/** Runs the commands that arrive over control sockets, until disposed. */
export class ControlSocket implements AsyncDisposable {
  readonly #services: Services;
  readonly #log: Log;
  readonly #scope = new Scope("control socket");

  constructor(services: Services, log: Log) {
    this.#services = services;
    this.#log = log;
  }

  /** Listens on a socket file, and serves its connections. */
  async listen(path: string): Promise<void> {
    const server = await listenForControl(path, {
      paused: false,
      log: this.#log,
      accept: (socket) => this.accept(socket),
    });
    this.#scope.defer(async () => {
      // The scopes of connections are newer than this one, so they are closed already.
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  /** Serves a connection, whichever process accepted it. */
  accept(socket: Socket): void {
    if (this.#scope.closed) return void socket.destroy();
    const services = this.#services;
    const log = this.#log;
    const scope = this.#scope.child("connection");
    const gone = new AbortController();
    const stdin = new PassThrough();
    const signals = new Emitter<string>();
    scope.defer(() => void socket.destroy());
    socket.on("error", (error) => log.debug("control connection broke", { error }));
    socket.on("close", () => {
      gone.abort();
      stdin.destroy();
      void scope.close();
    });
    let started = false;
    const lines = createInterface({ input: socket });
    lines.on("line", (line) => {
      const message = parse(line);
      if (message?.line !== undefined && !started) {
        started = true;
        void this.#run(socket, message, { stdin, signals, gone: gone.signal, services, log });
      } else if (message?.signal) signals.emit(message.signal);
      else if (typeof message?.stdin === "string") {
        if (!stdin.write(Buffer.from(message.stdin, "base64"))) {
          socket.pause();
          stdin.once("drain", () => socket.resume());
        }
      } else if (message?.stdin === null) stdin.end();
      else socket.destroy();
    });
  }

  async #run(
    socket: Socket,
    message: ClientMessage,
    given: { stdin: PassThrough; signals: Emitter<string>; gone: AbortSignal; services: Services; log: Log },
  ): Promise<void> {
    const { services, log } = given;
    const stdout = sender(socket, "stdout");
    const stderr = sender(socket, "stderr");
    let status: number;
    try {
      const account = message.as === undefined ? localAdmin : await services.accounts.find(message.as);
      if (!account)
        throw new UserError(
          "user-not-found",
          `there is no user ${JSON.stringify(message.as)}`,
          '"user list" shows everybody.',
        );
      // Whoever may use this socket may do everything, so an initial password does not matter here.
      const acting = { ...account, mustChangePassword: false };
      if (account.id !== 0) await services.workspaces.ensureHome(account.username);
      const exit = await execute(message.line ?? "", {
        account: acting,
        address: "local",
        services,
        stdin: given.stdin,
        stdout,
        stderr,
        onSignal: given.signals.on,
        closed: given.gone,
        log,
      });
      status = exit.status;
    } catch (error) {
      const told = explain(error, log);
      stderr.write(errorText(told));
      status = told.exitStatus;
    }
    socket.end(`${JSON.stringify({ status })}\n`);
  }
}

function sender(socket: Socket, stream: "stdout" | "stderr"): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (socket.destroyed) done();
      else socket.write(`${JSON.stringify({ [stream]: chunk.toString("base64") })}\n`, () => done());
    },
  });
}

function parse(line: string): ClientMessage | undefined {
  if (line.length > 1 << 20) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

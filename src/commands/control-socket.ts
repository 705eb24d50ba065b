/**
 * Theory of operation: `bin/classh COMMAND` on the server runs the same commands as ssh exec, inside the running server. It
 * connects to DIR/control.sock, which only the server's own account (and root) can open, so whoever can connect is an admin.
 * Both sides speak JSON lines, at most 1 MiB each:
 *   client: {"line": "user list --json", "as": "ada"} once, then {"stdin": BASE64} ..., {"stdin": null} at the end, {"signal": "INT"}
 *   server: {"stdout": BASE64} | {"stderr": BASE64} ..., then {"status": N}
 */
import { chmod, unlink } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { PassThrough, Writable } from "node:stream";
import { createInterface } from "node:readline";
import type { Account } from "../auth/account.ts";
import { Emitter } from "../base/events.ts";
import { report, systemCode, UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import { errorText, execute } from "./registry.ts";
import type { Services } from "./services.ts";

/** At once; each runs one command. */
const mostConnections = 32;

/** Who acts where no account is named: not in the database, so commands about one's own account do not work for it. */
const localAdmin: Account = {
  id: 0,
  username: "local",
  role: "admin",
  name: "the server's own account",
  email: undefined,
  section: undefined,
  state: "active",
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

/** Listens on DIR/control.sock until disposed. */
export class ControlSocket implements AsyncDisposable {
  readonly #server: Server;
  readonly #scope = new Scope("control socket");

  constructor(server: Server) {
    this.#server = server;
  }

  /** The data directory's lock is held, so a socket file that is there was left by a server that died. */
  static async listen(path: string, services: Services, log: Log): Promise<ControlSocket> {
    try {
      await unlink(path);
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
    const server = createServer();
    server.maxConnections = mostConnections;
    const control = new ControlSocket(server);
    server.on("connection", (socket) => control.#serve(socket, services, log));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    server.on("error", (error) => log.error("control socket failed", { error }));
    await chmod(path, 0o600);
    return control;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#scope.close();
    await closed;
  }

  #serve(socket: Socket, services: Services, log: Log): void {
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
      if (!account) throw new UserError("user-not-found", `there is no user ${JSON.stringify(message.as)}`);
      if (account.id !== 0) await services.workspaces.ensureHome(account.username);
      const exit = await execute(message.line ?? "", {
        account, address: "local", services, stdin: given.stdin, stdout, stderr, onSignal: given.signals.on, closed: given.gone, log,
      });
      status = exit.status;
    } catch (error) {
      const told = report(error, log);
      stderr.write(errorText(told, false));
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

/** A server with a few commands made for tests, and what tests do to it. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect as connectTcp, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";
import { systemClock, type Clock } from "../../src/base/clock.ts";
import { silentLog, type Log } from "../../src/base/log.ts";
import type { Terminal } from "../../src/base/terminal.ts";
import { loadSettings } from "../../src/config/load.ts";
import type { Settings } from "../../src/config/schema.ts";
import type { ExecRequest, PasswordAnswer, SshHandlers } from "../../src/ssh/handlers.ts";
import { loadHostKey } from "../../src/ssh/host-keys.ts";
import { SshServer } from "../../src/ssh/server.ts";
import { eventually } from "../support/eventually.ts";
import type { SshTarget } from "../support/ssh-clients.ts";

export const password = "correct horse";
export type Person = string;

export interface UnderTest extends AsyncDisposable {
  readonly server: SshServer<Person>;
  readonly directory: string;
  readonly port: number;
  /** Everything that the handlers heard, in order. */
  readonly heard: string[];
  /** Terminals of shells, newest last. */
  readonly terminals: Terminal[];
  /** Requests of commands, newest last. */
  readonly commands: ExecRequest<Person>[];
  readonly target: SshTarget;
}

export interface TestOptions {
  readonly settings?: Partial<Settings["ssh"]>;
  readonly handlers?: Partial<SshHandlers<Person>>;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly listen?: string;
  /** A key that is to follow the host key lies beside it. */
  readonly nextHostKey?: boolean;
}

/** Starts a server that knows "ada" by her password. */
export async function startServer(options: TestOptions = {}): Promise<UnderTest> {
  const directory = await mkdtemp(join(tmpdir(), "ssh-server-"));
  const heard: string[] = [];
  const terminals: Terminal[] = [];
  const commands: ExecRequest<Person>[] = [];
  const handlers: SshHandlers<Person> = {
    async password(attempt): Promise<PasswordAnswer<Person>> {
      heard.push(`password ${attempt.username}`);
      return attempt.username === "ada" && attempt.password === password
        ? { kind: "accepted", principal: "Ada" }
        : { kind: "refused" };
    },
    async publicKey() {
      return undefined;
    },
    authenticated: (principal, info) => void heard.push(`authenticated ${principal} ${info.method} ${info.address}`),
    authenticationFailed: (info) => void heard.push(`failed ${info.username} ${info.method}`),
    shell(request) {
      terminals.push(request.terminal);
      heard.push(`shell ${request.terminal.term} ${request.terminal.size.columns}x${request.terminal.size.rows}`);
      request.terminal.write("ready\r\n");
    },
    exec(request) {
      commands.push(request);
      return runCommand(request);
    },
    ...options.handlers,
  };
  if (options.nextHostKey) await loadHostKey(join(directory, "host-key.next"));
  const starting = SshServer.start({
    listen: options.listen ?? "127.0.0.1:0",
    hostKeyFile: join(directory, "host-key"),
    settings: { ...loadSettings({ environment: {} }).ssh, ...options.settings },
    handlers,
    log: options.log ?? silentLog,
    clock: options.clock ?? systemClock,
  });
  starting.catch(() => rm(directory, { recursive: true, force: true }));
  const server = await starting;
  const { port } = server.address;
  const target: SshTarget = { host: "127.0.0.1", port, user: "ada", password, fingerprint: server.fingerprint };
  return {
    server,
    directory,
    port,
    heard,
    terminals,
    commands,
    target,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The commands: echo WORDS, cat, exit N, signal NAME, both, env, flood BYTES, crash, hang. */
async function runCommand(request: ExecRequest<Person>): Promise<void> {
  const [name, ...rest] = request.command.split(" ");
  switch (name) {
    case "echo":
      request.stdout.write(`${rest.join(" ")}\n`);
      return request.exit(0);
    case "cat":
      request.stdin.pipe(request.stdout, { end: false });
      request.stdin.on("end", () => request.exit(0));
      return undefined;
    case "exit":
      return request.exit(Number(rest[0]));
    case "signal":
      return request.exitSignal(rest[0] ?? "KILL");
    case "both":
      request.stdout.write("to stdout\n");
      request.stderr.write("to stderr\n");
      return request.exit(3);
    case "env":
      request.stdout.write([...request.env].map(([key, value]) => `${key}=${value}\n`).join(""));
      return request.exit(0);
    case "flood":
      return flood(request, Number(rest[0]));
    case "crash":
      throw new Error("a bug");
    default: // hangs
      return undefined;
  }
}

async function flood(request: ExecRequest<Person>, bytes: number): Promise<void> {
  const piece = Buffer.alloc(16 << 10, "x");
  for (let sent = 0; sent < bytes && !request.closed.aborted; sent += piece.length) {
    // The wait ends with an error when the channel is gone; the loop's condition sees that.
    if (!request.stdout.write(piece)) await once(request.stdout, "drain", { signal: request.closed }).catch(() => {});
  }
  request.exit(0);
}

/** Waits until `condition` holds; says what it waited for in vain. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  await eventually(condition).catch(() => assert.fail(`in vain: ${what}`));
}

/** A promise that the test resolves itself. */
export function later<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  const slot: { resolve?: (value: T) => void } = {};
  const promise = new Promise<T>((resolve) => {
    slot.resolve = resolve;
  });
  return { promise, resolve: (value) => slot.resolve?.(value) };
}

/** Waits until the server has forgotten everybody. */
export async function untilEmpty(under: UnderTest): Promise<void> {
  await until(
    () => under.server.connections.authenticated + under.server.connections.waiting === 0,
    "all connections gone",
  );
}

export interface Attacker extends Disposable {
  readonly client: ssh2.Client;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  readonly errors: Error[];
}

/** A client whose insides a test may bend; resolves when it is logged in. */
export async function login(under: UnderTest, config: ssh2.ConnectConfig = {}): Promise<Attacker> {
  const attacker = attack(under, config);
  await new Promise<void>((resolve, reject) => {
    attacker.client.once("ready", resolve);
    attacker.closed.then(() => reject(attacker.errors[0] ?? new Error("closed")), reject);
  });
  return attacker;
}

/** Like `login`, without waiting for anything. */
export function attack(under: UnderTest, config: ssh2.ConnectConfig = {}): Attacker {
  const client = new ssh2.Client();
  const errors: Error[] = [];
  client.on("error", (error) => errors.push(error));
  client.once("connect", () => client.setNoDelay(true)); // ssh2 writes each packet in three pieces
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  client.connect({ host: "127.0.0.1", port: under.port, username: "ada", password, ...config });
  return { client, closed, errors, [Symbol.dispose]: () => client.destroy() };
}

/** Runs a command; resolves with its channel when the server has agreed. */
export function exec(
  client: ssh2.Client,
  command: string,
  options: ssh2.ExecOptions = {},
): Promise<ssh2.ClientChannel> {
  return new Promise((resolve, reject) =>
    client.exec(command, options, (error, channel) => (error ? reject(error) : resolve(channel))),
  );
}

export interface Outcome {
  readonly status: number | null;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. Listens before the reply is acted upon: status and output may come in the same packet. */
export function run(client: ssh2.Client, command: string, options: ssh2.ExecOptions = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    client.exec(command, options, (error, channel) => (error ? reject(error) : resolve(outcomeOf(channel))));
  });
}

/** How a channel ends; to be called at once when it opens. */
export async function outcomeOf(channel: ssh2.ClientChannel): Promise<Outcome> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  let status: number | null = null;
  let signal: string | undefined;
  channel.on("data", (bytes: Buffer) => stdout.push(bytes));
  channel.stderr.on("data", (bytes: Buffer) => stderr.push(bytes));
  channel.on("exit", (code: number | null, name?: string) => {
    status = code;
    signal = name;
  });
  await new Promise((resolve) => channel.once("close", resolve));
  return { status, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}

export function shell(client: ssh2.Client, window: ssh2.PseudoTtyOptions | false = {}): Promise<ssh2.ClientChannel> {
  return new Promise((resolve, reject) =>
    client.shell(window, (error, channel) => (error ? reject(error) : resolve(channel))),
  );
}

/** Everything that a channel sends until it closes. */
export async function textOf(channel: ssh2.ClientChannel): Promise<string> {
  const pieces: Buffer[] = [];
  channel.on("data", (bytes: Buffer) => pieces.push(bytes));
  await new Promise((resolve) => channel.once("close", resolve));
  return Buffer.concat(pieces).toString();
}

/** Sends one packet of a test's own making. */
export function sendPayload(client: ssh2.Client, payload: Buffer): void {
  const protocol = insides(client)._protocol;
  const writer = protocol._packetRW.write;
  const packet = writer.alloc(payload.length, true);
  packet.set(payload, writer.allocStartKEX);
  protocol._cipher.encrypt(writer.finalize(packet, true));
}

interface ClientInsides {
  readonly _sock: Socket;
  readonly _protocol: {
    readonly _kex: { readonly sessionID: Buffer };
    readonly _packetRW: {
      readonly write: {
        readonly allocStartKEX: number;
        alloc(size: number, force: boolean): Buffer;
        finalize(packet: Buffer, force: boolean): Buffer;
      };
    };
    readonly _cipher: { encrypt(packet: Buffer): void };
    _onPayload: (payload: Buffer) => unknown;
    readonly _decipher: { _onPayload: (payload: Buffer) => unknown };
    authPassword(user: string, password: string): void;
    rekey(): void;
  };
}

/** ssh2's private parts on the client's side. */
export function insides(client: ssh2.Client): ClientInsides {
  return client as unknown as ClientInsides;
}

/**
 * The next packet of this type from the server, which ssh2 does not get to see. Only after the handshake, when the final
 * cipher is in place.
 */
export function replies(client: ssh2.Client, type: number): Promise<Buffer> {
  return new Promise((resolve) => {
    const decipher = insides(client)._protocol._decipher;
    const pass = decipher._onPayload;
    decipher._onPayload = (payload) => {
      if (payload[0] !== type) return pass(payload);
      decipher._onPayload = pass;
      resolve(Buffer.from(payload));
      return undefined;
    };
  });
}

/** Numbers (four bytes) and strings (length first) of an SSH message. */
export function wire(type: number, ...fields: (number | string | boolean | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from([type])];
  for (const field of fields) {
    if (typeof field === "boolean") parts.push(Buffer.from([field ? 1 : 0]));
    else if (typeof field === "number") parts.push(uint32(field));
    else {
      const bytes = Buffer.from(field);
      parts.push(uint32(bytes.length), bytes);
    }
  }
  return Buffer.concat(parts);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export interface RawPeer extends Disposable {
  readonly socket: Socket;
  /** What the server sent so far. */
  text(): string;
  readonly closed: Promise<void>;
}

/** A TCP connection without SSH. */
export function rawPeer(under: UnderTest): RawPeer {
  const socket = connectTcp({ host: "127.0.0.1", port: under.port });
  let received = "";
  socket.on("data", (bytes) => (received += bytes.toString("latin1")));
  socket.on("error", () => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return { socket, closed, text: () => received, [Symbol.dispose]: () => socket.destroy() };
}

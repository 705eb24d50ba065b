/** The server's side of the broker: starts it, restarts it when it dies, and talks to its jails. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Clock } from "../base/clock.ts";
import { FrameReader } from "../base/frame-reader.ts";
import type { Log } from "../base/log.ts";
import { programFile } from "../base/program-file.ts";
import { brokerFrames, encodeFrame, encodeMessage, type BrokerFrame } from "./broker-frames.ts";
import { Jail, type JailHandlers } from "./jail.ts";
import { brokerFrameKind, type JailExit, type JailNotice, type StartJail } from "./protocol.ts";

/** What a broker is started with. */
export interface BrokerOptions {
  /** Directory in which the broker keeps the files of running jails. */
  readonly directory: string;
  /** File of the user namespace to enter, see jail-user.ts; undefined for none. */
  readonly namespace: string | undefined;
  /** Jails that may start at a time. */
  readonly startsAtOnce: number;
  readonly log: Log;
  readonly clock: Clock;
  /** Called when a broker ended, as the text says ("SIGKILL", "status 1"), and another one replaces it. */
  readonly onRestart?: ((ended: string) => void) | undefined;
}

/** A broker that lived longer is replaced at once; otherwise after a pause, which doubles until one lives longer. */
const longLifeMs = 10_000;
const firstPauseMs = 250;
const maxPauseMs = 10_000;
const closeMs = 5000;
/**
 * What the broker reads from /proc becomes garbage at once. With V8's usual 16 MiB for new objects, 20 MB of buffers
 * outside its heap pile up before they are collected (measured with 120 jails: 47 MB, with this setting 26 MB).
 */
const leanHeap = ["--max-semi-space-size=1"];

const lost: JailExit = { started: true, status: 125, killed: false, lost: true };

/** The broker of a server, and its jails. */
export class BrokerClient implements AsyncDisposable {
  readonly #options: BrokerOptions;
  readonly #jails = new Map<number, Jail>();
  #nextId = 1;
  #process: ChildProcess | undefined;
  #socket: Socket | undefined;
  #closing = false;
  #restart: Disposable | undefined;
  #pauseMs = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#start();
  }

  /** Process id, for tests and the log. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Number of jails, spares included. */
  get count(): number {
    return this.#jails.size;
  }

  /** Starts a jail. While there is no broker, the jail ends at once as "lost". */
  launch(plan: Omit<StartJail, "type">, handlers: JailHandlers): Jail {
    const id = this.#nextId++;
    const jail = new Jail(handlers, {
      message: (message) => this.#write(encodeMessage(id, message)),
      input: (data) => this.#write(encodeFrame(brokerFrameKind.input, id, data)),
    });
    this.#jails.set(id, jail);
    if (this.#socket?.writable && !this.#closing) this.#write(encodeMessage(id, { type: "start", ...plan }));
    else setImmediate(() => this.#ended(id, lost));
    return jail;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    this.#restart?.[Symbol.dispose]();
    const child = this.#process;
    if (!child) return;
    const gone = once(child, "exit");
    const jails = [...this.#jails.values()];
    for (const jail of jails) jail.kill();
    using patience = this.#options.clock.after(closeMs, () => child.kill("SIGKILL"));
    void patience;
    await Promise.race([Promise.all(jails.map((jail) => jail.exited)), gone]);
    this.#socket?.end();
    await gone;
  }

  #start(): void {
    const { log, clock, directory, startsAtOnce, namespace } = this.#options;
    const started = clock.monotonic();
    const words = [
      "/usr/bin/setpriv",
      "--pdeathsig",
      "KILL",
      "--",
      process.execPath,
      ...leanHeap,
      ...brokerArguments(directory),
      String(startsAtOnce),
    ];
    // The identity is our own; inside the namespace it is called 0.
    if (namespace !== undefined)
      words.unshift("/usr/bin/nsenter", `--user=${namespace}`, "--preserve-credentials", "--");
    const [program = "", ...rest] = words;
    const child = spawn(program, rest, {
      cwd: "/",
      env: { PATH: "/usr/bin:/bin" },
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      // A session of its own: signals to the process group of the server, or of a jail, do not reach it.
      detached: true,
    });
    child.on("error", (error) => log.error("broker can't be started", { error }));
    // Without free descriptors there are no streams, whatever the type says.
    const socket = (child.stdio as typeof child.stdio | undefined)?.[3];
    if (!(socket instanceof Socket) || !child.stderr) throw new Error("the broker's socket is missing");
    this.#process = child;
    this.#socket = socket;
    const frames = new FrameReader(brokerFrames);
    socket.on("data", (chunk: Buffer) => {
      for (const frame of readOrKill(frames, chunk, child, log)) {
        try {
          this.#accept(frame);
        } catch (error) {
          // A bug in the listeners of one console; the frames of all others must still be read.
          log.error("a jail's listener failed", { error });
        }
      }
    });
    socket.on("error", (error) => log.warn("broker connection failed", { error }));
    child.stderr.on("data", (text: Buffer) =>
      log.error("broker wrote to standard error", { text: text.toString("utf8").slice(0, 4000) }),
    );
    // "close": after the last frame has been read.
    child.on("close", (status, signal) => {
      this.#process = undefined;
      this.#socket = undefined;
      if (!this.#closing) log.error("broker ended; starting another", { status, signal, jails: this.#jails.size });
      for (const id of this.#jails.keys()) this.#ended(id, lost);
      if (this.#closing) return;
      this.#options.onRestart?.(signal ?? `status ${status}`);
      this.#startAgain(clock.monotonic() - started);
    });
  }

  /**
   * Restarts the broker, again and again: a machine that is short of processes or descriptors for a moment must not
   * leave us without one.
   */
  #startAgain(livedMs: number): void {
    const { log, clock } = this.#options;
    const pauseMs = livedMs > longLifeMs ? 0 : this.#pauseMs;
    this.#pauseMs = pauseMs === 0 ? firstPauseMs : Math.min(pauseMs * 2, maxPauseMs);
    this.#restart = clock.after(pauseMs, () => {
      try {
        this.#start();
      } catch (error) {
        log.error("broker can't be started; trying again", { error });
        this.#startAgain(0);
      }
    });
  }

  #accept(frame: BrokerFrame): void {
    const jail = this.#jails.get(frame.jail);
    if (!jail) return;
    if (frame.kind === brokerFrameKind.output || frame.kind === brokerFrameKind.errorOutput) {
      jail.handlers.output(frame.kind === brokerFrameKind.output ? "output" : "errorOutput", frame.payload);
      return;
    }
    const notice = JSON.parse(frame.payload.toString()) as JailNotice;
    switch (notice.type) {
      case "ack":
        jail.inputTaken(notice.bytes);
        return;
      case "limit":
        jail.handlers.limit(notice.limit);
        return;
      case "exit":
        this.#ended(frame.jail, notice);
        return;
      default:
        notice satisfies never;
    }
  }

  #ended(id: number, exit: JailExit): void {
    const jail = this.#jails.get(id);
    this.#jails.delete(id);
    jail?.ended(exit);
  }

  #write(frame: Buffer): void {
    if (this.#socket?.writable) this.#socket.write(frame);
  }
}

/** The frames of a chunk; a broker that does not speak the protocol is killed, and thereby replaced. */
function readOrKill(frames: FrameReader<BrokerFrame>, chunk: Buffer, broker: ChildProcess, log: Log): BrokerFrame[] {
  try {
    return frames.read(chunk);
  } catch (error) {
    log.error("broker sent an invalid message", { error });
    broker.kill("SIGKILL");
    return [];
  }
}

function brokerArguments(directory: string): string[] {
  const { file, execArgv } = programFile("runner/broker");
  return [...execArgv, fileURLToPath(file), directory];
}

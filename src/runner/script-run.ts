/** A script or a tool without a screen: its streams are the person's, and its exit status is the answer. */
import type { Writable } from "node:stream";
import { SummedAcks, acknowledgedAtOnce } from "./summed-acks.ts";
import type { JailFactory } from "./jail-factory.ts";
import type { Jail, JailHandlers } from "./jail.ts";
import type { Outcome } from "./outcome.ts";
import { signalNumbers } from "./outcome.ts";
import type { JailSpec } from "./jail-spec.ts";
import { windowBytes, type JailExit } from "./protocol.ts";
import type { ScriptCommand, ScriptStreams } from "./script.ts";
import type { ToolCommand } from "./tool.ts";
import { workingDirectoryOf } from "./working-directory.ts";

/** Runs a script to its end; resolves when all output has been taken. */
export async function runScript(
  factory: JailFactory,
  spec: JailSpec,
  command: ScriptCommand,
  io: ScriptStreams,
): Promise<Outcome> {
  const workingDirectory = command.workingDirectory ?? workingDirectoryOf(spec, command.file).path;
  const script = { ...command, workingDirectory };
  const exit = await attend((handlers) => factory.runScript(spec, script, io.terminal, handlers), io);
  return factory.outcomeOf(exit, spec);
}

/** Runs a tool to its end; resolves when all output has been taken. */
export async function runTool(
  factory: JailFactory,
  spec: JailSpec,
  tool: ToolCommand,
  io: ScriptStreams,
): Promise<Outcome> {
  return factory.outcomeOf(await attend((handlers) => factory.runTool(spec, tool, handlers), io), spec);
}

/** Connects a jail with the person's streams until it has ended and its output is taken. */
async function attend(launch: (handlers: JailHandlers) => Jail, io: ScriptStreams): Promise<JailExit> {
  const releases: (() => void)[] = [];
  let unwritten = 0;
  let drained: (() => void) | undefined;
  const jail = launch({
    output(stream, data) {
      unwritten += data.length;
      io.onBytes?.(data.length);
      // Acknowledged when the person's side has taken it: so a slow reader slows the program.
      (stream === "output" ? io.stdout : io.stderr).write(data, () => {
        unwritten -= data.length;
        taken.add(data.length);
        if (unwritten === 0) drained?.();
      });
    },
    limit: () => undefined,
    inputRoom: () => pump.resume(),
    exit: () => undefined,
  });
  const taken = new SummedAcks((bytes) => jail.ack(bytes));
  const pump = pumpInput(io, jail);
  releases.push(() => pump.release());
  const stop = (): void => jail.kill();
  // As under sshd: a terminal that goes away ends the program, a pipe only what is written into it.
  releases.push(whenGone(io.stdout, io.terminal ? stop : () => jail.closeOutput("output")));
  releases.push(whenGone(io.stderr, io.terminal ? stop : () => jail.closeOutput("errorOutput")));
  if (io.signal.aborted) stop();
  io.signal.addEventListener("abort", stop, { once: true });
  releases.push(() => io.signal.removeEventListener("abort", stop));
  const signals = io.onSignal?.((name) => sendSignal(jail, name));
  const resizes = io.terminal?.onResize(({ columns, rows }) => jail.resize(columns, rows));
  try {
    const exit = await jail.exited;
    if (unwritten > 0 && !exit.killed && !io.signal.aborted) {
      await new Promise<void>((resolve) => {
        drained = resolve;
        for (const stream of [io.stdout, io.stderr]) releases.push(whenGone(stream, resolve));
        io.signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    return exit;
  } finally {
    signals?.[Symbol.dispose]();
    resizes?.[Symbol.dispose]();
    for (const release of releases) release();
  }
}

/** Fits into the window beside what was taken and is not acknowledged yet. */
const pieceBytes = windowBytes - 3 * acknowledgedAtOnce;

/** Passes on input as fast as the program reads it, and then its end. The stream stays its owner's. */
function pumpInput({ stdin, onBytes }: ScriptStreams, jail: Jail): { resume(): void; release(): void } {
  const waiting: Buffer[] = [];
  let ended = false;
  let told = false;
  const flush = (): void => {
    for (let piece = waiting[0]; piece; piece = waiting[0]) {
      if (!jail.input(piece)) return;
      waiting.shift();
    }
    if (ended && !told) {
      told = true;
      jail.endInput();
    } else if (!ended) {
      stdin.resume();
    }
  };
  const onData = (chunk: Buffer | string): void => {
    const data = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    onBytes?.(data.length);
    for (let at = 0; at < data.length; at += pieceBytes) waiting.push(data.subarray(at, at + pieceBytes));
    stdin.pause();
    flush();
  };
  const onEnd = (): void => {
    ended = true;
    flush();
  };
  stdin.on("data", onData);
  stdin.once("end", onEnd);
  stdin.once("close", onEnd);
  if (stdin.readableEnded || stdin.destroyed) onEnd();
  return {
    resume: flush,
    release() {
      stdin.off("data", onData);
      stdin.off("end", onEnd);
      stdin.off("close", onEnd);
      stdin.pause();
    },
  };
}

/** Calls `action` when nobody reads a stream any more. */
function whenGone(stream: Writable, action: () => void): () => void {
  if (stream.destroyed) action();
  stream.on("close", action);
  stream.on("error", action);
  return () => {
    stream.off("close", action);
    stream.off("error", action);
  };
}

/** Sends a signal by the name that SSH uses, without SIG in front. Unknown ones are ignored, as sshd does. */
function sendSignal(jail: Jail, name: string): void {
  const full = name.startsWith("SIG") ? name : `SIG${name}`;
  if (full in signalNumbers) jail.signal(full);
}

/** A child on pipes, for scripts that are run without a screen. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { statSync } from "node:fs";
import type { Readable } from "node:stream";
import { signalNumbers } from "../outcome.ts";
import { endJail } from "./ending.ts";
import { yieldToServer } from "./priority.ts";
import type { Child, ChildCommand, ChildEvents } from "./child.ts";

function spawnOnPipes({ file, args, environment }: ChildCommand): ChildProcessWithoutNullStreams {
  return spawn(file, args, {
    cwd: "/",
    env: environment,
    stdio: ["pipe", "pipe", "pipe"],
    // A session of its own, as with a terminal: kill(0), killpg, setpriority and ioprio_set by group reach every
    // process of the same group, also outside the jail's process numbers.
    detached: true,
  });
}

/** What is done with its outputs. */
function outputsOf({
  stdout,
  stderr,
}: ChildProcessWithoutNullStreams): Pick<Child, "pause" | "resume" | "closeOutput"> {
  let paused = false;
  return {
    pause() {
      if (paused) return;
      paused = true;
      stdout.pause();
      stderr.pause();
    },
    resume() {
      if (!paused) return;
      paused = false;
      stdout.resume();
      stderr.resume();
    },
    closeOutput: (stream) => void (stream === "output" ? stdout : stderr).destroy(),
  };
}

/** Starts a child on pipes. */
export function startOnPipes(command: ChildCommand, events: ChildEvents): Child {
  const child = spawnOnPipes(command);
  if (child.pid === undefined) {
    child.on("error", () => events.exit(127));
    throw new Error(`${command.file} can't be started`);
  }
  const pid = child.pid;
  yieldToServer(pid);
  let alive = true;
  let queued = 0;
  const listen = (stream: Readable, name: "output" | "errorOutput"): void => {
    stream.on("data", (data: Buffer) => events.output(name, data));
    stream.on("error", () => stream.destroy()); // its end follows with the exit
  };
  listen(child.stdout, "output");
  listen(child.stderr, "errorOutput");
  // A script that does not read its input, or ends before: EPIPE, which is of no interest.
  child.stdin.on("error", () => child.stdin.destroy());
  child.on("exit", () => {
    alive = false;
  });
  // "close" comes after the last output. A program left over can't hold the pipes open: the kernel ends everything in a
  // jail.
  child.on("close", (status, signal) => events.exit(status ?? 128 + (signal ? (signalNumbers[signal] ?? 0) : 0)));

  const file = statSync(`/proc/${pid}/fd/0`);
  return {
    pid,
    input: { device: file.dev, inode: file.ino, terminalDevice: 0 },
    get alive() {
      return alive;
    },
    write(data) {
      queued += data.length;
      child.stdin.write(data, () => {
        queued -= data.length;
        events.inputTaken(data.length);
      });
    },
    endInput() {
      child.stdin.end();
    },
    congested: false, // Ctrl-C has no meaning here
    dropInput: () => 0,
    ...outputsOf(child),
    resize() {
      // Pipes have no size.
    },
    kill() {
      endJail(pid, () => alive);
    },
  };
}

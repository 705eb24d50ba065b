/**
 * Transcripts as tests: what a person types at `ssh USER@HOST COMMAND`, and what comes back. Against an empty server, which has only
 * the account `admin`; `<admin>` is its initial password.
 *
 *     # A remark.
 *     admin$ user add ada --section A      a command, as that user; its password is what `<ada>` stands for
 *     < text                               a line of standard input (after the command)
 *     Added ada (student). Initial password: <ada>
 *     ! classh: ...                        a line of standard error
 *     ? 3                                  the exit status, when it is not 0; * for any
 *     = ada ada-secret-1                   from now on `<ada>` stands for this
 *     ada> open                            ada opens the IDE (with words: ssh -t ... WORDS); then:
 *     ada> see Hello                       waits until the screen shows it
 *     ada> type text | press Ctrl-S Enter | left (waits until ssh has ended)
 *
 * In expected lines `*` stands for any text, `<name>` for a word that is remembered (or, the second time, for that word again), and a
 * line `...` for any lines. In commands and input `<name>` is the remembered word, and `{text*1000}` is the text a thousand times.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { finish, type SshResult } from "./ssh-clients.ts";
import type { TestServer } from "./server.ts";
import { openTerminalClient, type TerminalClient } from "./terminal-client.ts";

interface Step {
  /** Of the line in the file. */
  readonly number: number;
  readonly user: string;
  readonly kind: "command" | "screen" | "assign";
  readonly text: string;
  readonly input: string[];
  readonly output: string[];
  readonly errors: string[];
  /** Undefined: any. */
  status: number | undefined;
}

/** The steps of a file. Throws for a line that belongs to none. */
export function parseTranscript(text: string): readonly Step[] {
  const steps: Step[] = [];
  for (const [at, line] of text.split("\n").entries()) {
    if (line.startsWith("#")) continue;
    const begun = stepBegunBy(line, at + 1);
    const step = steps.at(-1);
    if (begun) steps.push(begun);
    else if (line === "") continue;
    else if (step?.kind !== "command") throw new Error(`line ${at + 1} belongs to no command: ${line}`);
    else addLine(step, line);
  }
  return steps;
}

/** `ada$ command`, `ada> keys` or `= name value`. */
function stepBegunBy(line: string, number: number): Step | undefined {
  const empty = { number, input: [], output: [], errors: [], status: 0 };
  const [, user, sign, text = ""] = /^([a-z][a-z0-9_-]*)([$>])(?: (.*))?$/.exec(line) ?? [];
  if (user !== undefined) return { ...empty, user, kind: sign === "$" ? "command" : "screen", text };
  const [, name, value] = /^= ([a-z]\S*) (.+)$/.exec(line) ?? [];
  return name !== undefined && value !== undefined ? { ...empty, user: name, kind: "assign", text: value } : undefined;
}

/** A line of a command's input, output, errors, or its status. */
function addLine(step: Step, line: string): void {
  if (/^< ?/.test(line) && !/^<[a-z]/.test(line)) step.input.push(line.replace(/^< ?/, ""));
  else if (/^! ?/.test(line)) step.errors.push(line.replace(/^! ?/, ""));
  else if (line === "? *") step.status = undefined;
  else if (/^\? \d+$/.test(line)) step.status = Number(line.slice(2));
  else step.output.push(line);
}

/** Runs the transcript of a file; rejects at the first line that is not as it says. */
export async function runTranscript(server: TestServer, file: string): Promise<void> {
  const steps = parseTranscript(await readFile(file, "utf8"));
  assert.ok(steps.length > 0, `${file} has no commands`);
  await using play = new Play(server, await initialPassword(server));
  for (const step of steps) await play.step(step);
}

async function initialPassword({ data }: TestServer): Promise<string> {
  const line = (await readFile(join(data, "first-login.txt"), "utf8"))
    .split("\n")
    .find((each) => each.startsWith("admin "));
  return line?.split(" ")[1] ?? assert.fail("no initial password of admin");
}

class Play implements AsyncDisposable {
  readonly #server: TestServer;
  readonly #known: Map<string, string>;
  /** Who has a connection that later commands go through: one login for each password. */
  readonly #connected = new Map<string, readonly string[]>();
  readonly #screens = new Map<string, TerminalClient>();

  constructor(server: TestServer, password: string) {
    this.#server = server;
    this.#known = new Map([["admin", password]]);
  }

  async step(step: Step): Promise<void> {
    try {
      if (step.kind === "assign") await this.#assign(step.user, this.#filled(step.text));
      else if (step.kind === "screen") await this.#screen(step);
      else this.#compare(step, await this.#command(step));
    } catch (error) {
      if (error instanceof Error)
        error.message = `line ${step.number}: ${step.user}: ${step.text.slice(0, 100)}\n${error.message}`;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const screen of this.#screens.values()) await screen.close();
    for (const user of this.#connected.keys()) await this.#disconnect(user);
  }

  async #assign(name: string, value: string): Promise<void> {
    await this.#disconnect(name);
    this.#known.set(name, value);
  }

  /** The first command of a user logs in; the others go through the same connection, as ssh's ControlMaster does. */
  async #command({ user, text, input }: Step): Promise<SshResult> {
    const { args, env } = await this.#server.ssh(
      user,
      this.#known.get(user) ?? assert.fail(`nothing says what ${user}'s password is`),
    );
    const socket = ["-S", join(this.#server.data, `.${user}`)];
    if (!this.#connected.has(user)) {
      const failed = await connect([...socket, ...args], env);
      if (failed) return failed;
      this.#connected.set(user, [...socket, "-O", "exit", ...args]);
    }
    const words = this.#filled(text).split(/(?<= )/);
    const child = spawn("ssh", [...socket, ...args, ...chunks(words)], { env, stdio: "pipe" });
    return await finish(child, input.map((line) => `${this.#filled(line)}\n`).join(""));
  }

  async #disconnect(user: string): Promise<void> {
    const args = this.#connected.get(user);
    this.#connected.delete(user);
    if (args) await finish(spawn("ssh", [...args], { stdio: "pipe" })); // one that has ended already is what we want
  }

  async #screen({ user, text }: Step): Promise<void> {
    const [verb = "", ...words] = this.#filled(text).split(" ");
    if (verb === "open") {
      const password = this.#known.get(user) ?? assert.fail(`nothing says what ${user}'s password is`);
      const { args, env } = await this.#server.ssh(user, password);
      this.#screens.set(
        user,
        openTerminalClient("ssh", ["-t", ...args, ...words], {
          env: { TERM: "xterm-256color", LANG: "C.UTF-8", ...env },
        }),
      );
      return;
    }
    const screen = this.#screens.get(user) ?? assert.fail(`${user} has no screen: begin with "${user}> open"`);
    const rest = words.join(" ");
    if (verb === "see") await screen.wait(rest);
    else if (verb === "type") screen.type(rest);
    else if (verb === "press") screen.press(...words);
    else if (verb === "left") {
      await screen.exited;
      await screen.close();
    } else assert.fail(`"${verb}" is none of open, see, type, press, left`);
  }

  #compare(step: Step, { status, stdout, stderr }: SshResult): void {
    const told = `standard output:\n${stdout.slice(0, 4000)}\nstandard error:\n${stderr.slice(0, 4000)}\nexit status ${status}`;
    this.#match("standard output", step.output, stdout, told);
    this.#match("standard error", step.errors, stderr, told);
    if (step.status !== undefined) assert.equal(status, step.status, `the exit status is ${status}\n${told}`);
  }

  #match(what: string, expected: readonly string[], text: string, told: string): void {
    const lines = text
      .replaceAll("\r\n", "\n")
      .replace(/\n$/, "")
      .split("\n")
      .filter((line, _, all) => all.length > 1 || line !== "");
    let at = 0;
    for (const [number, pattern] of expected.entries()) {
      if (pattern === "...") {
        const after = expected[number + 1];
        const found =
          after === undefined ? -1 : lines.findIndex((line, place) => place >= at && this.#fits(after, line));
        at = found < 0 ? lines.length : found;
        continue;
      }
      assert.ok(
        at < lines.length && this.#fits(pattern, lines[at] ?? ""),
        `${what} has not the line\n${this.#filled(pattern)}\n${told}`,
      );
      at++;
    }
    assert.ok(at >= lines.length, `${what} has a line that nobody expected:\n${lines[at]}\n${told}`);
  }

  /** Remembers new words only when the line fits. */
  #fits(pattern: string, line: string): boolean {
    const fresh: string[] = [];
    const source = pattern.split(/(\*|<[a-z][a-z0-9-]*>)/).map((part) => {
      if (part === "*") return ".*";
      const name = /^<(.+)>$/.exec(part)?.[1];
      const known = name === undefined ? part : this.#known.get(name);
      if (known !== undefined || name === undefined) return (known ?? "").replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
      fresh.push(name);
      return "(\\S+)";
    });
    const found = new RegExp(`^${source.join("")}$`).exec(line);
    if (!found) return false;
    for (const [at, name] of fresh.entries()) this.#known.set(name, found[at + 1] ?? "");
    return true;
  }

  #filled(text: string): string {
    const repeated = text.replace(/\{(.+?)\*(\d+)\}/g, (_, part: string, count: string) => part.repeat(Number(count)));
    return repeated.replace(/<([a-z][a-z0-9-]*)>/g, (whole, name: string) => this.#known.get(name) ?? whole);
  }
}

/** Logs in and leaves a connection for others; what ssh says when it can't. */
function connect(args: readonly string[], env: Readonly<Record<string, string>>): Promise<SshResult | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn("ssh", ["-M", "-N", "-f", ...args], { env, stdio: ["ignore", "ignore", "pipe"] });
    finish(child).then(resolve, reject);
    // -f: it ends when it has logged in. What it leaves behind holds the pipe, so that `finish` has a long wait.
    child.on("exit", (status) => {
      if (status !== 0) return;
      child.stderr.destroy();
      resolve(undefined);
    });
  });
}

/** One argument of a process has at most 128 KiB; ssh joins them with blanks again. */
function chunks(words: readonly string[]): readonly string[] {
  const all: string[] = [""];
  for (const word of words) {
    const last = all.at(-1) ?? "";
    if (last.length + word.length < 100_000) all[all.length - 1] = last + word;
    else {
      all[all.length - 1] = last.replace(/ $/, "");
      all.push(word);
    }
  }
  return all;
}

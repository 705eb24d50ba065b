/** The protocol with the login program, with a real one (programs/login.py) and each way in which one can fail. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { LoginProgram, type Exchange } from "../../../src/auth/external/login-program.ts";
import type { LoginAnswer } from "../../../src/auth/external/login-protocol.ts";
import { systemClock } from "../../../src/base/clock.ts";
import { silentLog, type Fields, type Log } from "../../../src/base/log.ts";
import { eventually } from "../../support/eventually.ts";

const program = fileURLToPath(new URL("programs/login.py", import.meta.url));

function start(options: { timeoutSeconds?: number; command?: readonly string[]; log?: Log } = {}): LoginProgram {
  const { timeoutSeconds = 30, command = ["/usr/bin/python3", program], log = silentLog } = options;
  return new LoginProgram({ command, timeoutSeconds, clock: systemClock, log });
}

function ask(running: LoginProgram, username: string, password = "right-password", conversation = true): Exchange {
  return running.ask({ type: "password", username, password, address: "192.0.2.1", conversation });
}

async function one(running: LoginProgram, username: string, password?: string): Promise<LoginAnswer> {
  using exchange = ask(running, username, password);
  return await exchange.next();
}

/** Asks until the program, which is being started again, answers. */
async function answersAgain(running: LoginProgram): Promise<void> {
  await eventually(async () => (await one(running, "ada")).result === "accepted");
}

describe("the login program", () => {
  it("answers many questions at once, each its own", async () => {
    await using running = start();
    const names = Array.from({ length: 50 }, (_, index) => `user${index}`);
    const answers = await Promise.all(
      names.map((name, index) => one(running, name, index % 2 === 0 ? "right-password" : "wrong")),
    );
    for (const [index, answer] of answers.entries()) {
      assert.equal(answer.result, index % 2 === 0 ? "accepted" : "rejected");
      if (answer.result === "accepted") assert.equal(answer.account.name, `user${index} Elsewhere`);
    }
    assert.equal(running.count, 0);
    assert.equal(running.trouble, undefined);
  });

  it("asks the person and hears what they said", async () => {
    await using running = start();
    for (const [code, result] of [
      ["123456", "accepted"],
      ["654321", "rejected"],
    ] as const) {
      using exchange = ask(running, "device", "");
      const prompt = await exchange.next();
      assert.deepEqual(prompt, {
        result: "prompt",
        instruction: "Open https://id.school.example/device and enter WDJB-MJHT.\nThen come back.",
        prompts: [
          { prompt: "Name of your phone: ", echo: true },
          { prompt: "Code: ", echo: false },
        ],
      });
      exchange.reply(["phone", code]);
      assert.equal((await exchange.next()).result, result);
    }
  });

  it("may ask for time again and again", async () => {
    await using running = start();
    using exchange = ask(running, "patient");
    let answer = await exchange.next();
    assert.equal(answer.result, "waiting");
    while (answer.result === "waiting") answer = await exchange.next();
    assert.equal(answer.result, "accepted");
  });

  it("is withdrawn from a question that somebody gave up, and answers the next one", async () => {
    await using running = start();
    const exchange = ask(running, "device", "");
    await exchange.next();
    exchange[Symbol.dispose]();
    assert.equal(running.count, 0);
    assert.equal((await one(running, "ada")).result, "accepted");
  });

  for (const [name, why] of [
    ["die", /ended \(status 3\)/],
    ["garbage", /not JSON/],
    ["endless", /too long/],
    ["flood", /nobody asked/],
  ] as const) {
    it(`that does as "${name}" makes its questions unavailable at once, and is started again`, async () => {
      await using running = start();
      await answersAgain(running);
      using other = ask(running, "silent");
      const answer = await one(running, name);
      assert.equal(answer.result, "unavailable");
      assert.match(answer.result === "unavailable" ? answer.reason : "", why);
      assert.equal((await other.next()).result, "unavailable");
      await answersAgain(running);
    });
  }

  it("that hangs is replaced when a question got no answer in time", async () => {
    await using running = start({ timeoutSeconds: 0.5 });
    await eventually(() => running.pid !== undefined);
    const first = running.pid;
    const answer = await one(running, "silent");
    assert.deepEqual(answer, { result: "unavailable", reason: "the login program did not answer in time" });
    await eventually(() => running.pid !== undefined && running.pid !== first);
    await eventually(() => !existsSync(`/proc/${first}`));
  });

  it("that is not there is tried again at a bounded pace, and never throws", async () => {
    let ends = 0;
    const log: Log = { ...silentLog, error: () => (ends += 1) };
    await using running = start({ command: ["/nonexistent/program"], log });
    await eventually(() => running.trouble !== undefined);
    assert.equal((await one(running, "ada")).result, "unavailable");
    await eventually(() => ends >= 3);
    assert.ok(ends < 10, `${ends} starts`);
  });

  it("gets nothing of our environment, and its words come to the log without passwords or control characters", async () => {
    const lines: Fields[] = [];
    const log: Log = { ...silentLog, warn: (_, fields = {}) => lines.push(fields) };
    await using running = start({ log });
    const answer = await one(running, "chatty", 's3cr"t & more');
    assert.deepEqual(answer, { result: "rejected", message: "Wrong.[2J Call 1234." });
    await eventually(() => lines.some(({ text }) => text === "password was ***\\x1b[2J"));
    await using environment = start({ command: ["/bin/sh", "-c", "env >&2; echo done >&2; cat"], log });
    await eventually(() => lines.some(({ text }) => text === "done"));
    assert.ok(environment.pid);
    const given = lines.map(({ text }) => String(text)).filter((text) => /^\w+=/.test(text));
    assert.deepEqual(
      given
        .map((text) => text.split("=")[0])
        .filter((name) => name !== "_")
        .toSorted((a = "", b = "") => (a < b ? -1 : 1)),
      ["HOME", "LANG", "PATH", "PWD"],
    );
  });

  it("ends with the server, also when it does not read", async () => {
    const running = start({ command: ["/bin/sh", "-c", "trap '' TERM; sleep 1000"] });
    await eventually(() => running.pid !== undefined);
    const { pid = 0 } = running;
    await running[Symbol.asyncDispose]();
    assert.throws(() => process.kill(pid, 0));
  });
});

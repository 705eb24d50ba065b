/** Who follows the log, over real ssh; and that nothing stands in it that a person typed. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog, type Log } from "../../src/base/log.ts";
import { eventually } from "../support/eventually.ts";
import { testServer, type TestServer } from "../support/server.ts";

describe("log follow", () => {
  let directory: string;
  let file: string;
  let log: Log;
  let server: TestServer;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "classh-log-"));
    file = join(directory, "classh.log");
    log = createLog({ level: "debug", file });
    server = await testServer({ "limits.runSeconds": 600 }, log);
    await server.add("ada");
    await server.add("alan");
    await server.add("boss", "admin");
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    await log.flush?.();
    await rm(directory, { recursive: true, force: true });
  });

  /** `log follow` with these words, and what it has written so far. */
  async function follow(words: string) {
    const { args, env } = await server.ssh("boss");
    const child = spawn("ssh", [...args, `log follow ${words}`], { env, stdio: ["ignore", "pipe", "pipe"] });
    const told = { lines: "", remarks: "" };
    child.stdout.on("data", (text: Buffer) => (told.lines += text.toString()));
    child.stderr.on("data", (text: Buffer) => (told.remarks += text.toString()));
    const exited = new Promise<void>((resolve) => void child.once("close", () => resolve()));
    await eventually(() => told.remarks.includes("following"));
    return {
      child,
      told,
      async [Symbol.asyncDispose]() {
        child.kill();
        await exited;
      },
    };
  }

  it("shows one person's lines, with session and run, as text and as JSON", async () => {
    await using text = await follow("--user ada");
    await using json = await follow("--user ada --json");
    await using alan = await server.connect("alan");
    await alan.wait("Welcome");
    alan.press("F5");
    await using ada = await server.connect("ada");
    await ada.wait("Welcome");
    ada.press("F5");
    await eventually(() => /run started/.test(text.told.lines) && /run started/.test(json.told.lines));
    const [session] = server.server.services.sessions.of("ada");
    assert.match(text.told.lines, new RegExp(`info .* run started user=ada session=${session?.id} run=[0-9a-f]{8}\n`));
    assert.doesNotMatch(text.told.lines + json.told.lines, /alan/);
    const records = json.told.lines
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, string>);
    const started = records.find(({ message }) => message === "run started");
    assert.equal(started?.["session"], session?.id);
    ada.press("Shift-F5");
    await eventually(() => json.told.lines.includes(`"run":"${started?.["run"]}","seconds"`));
  });

  it("shows graver levels only where these are asked for, and runs over exec with their run", async () => {
    await using all = await follow("--level debug");
    await using warnings = await follow("--level warn");
    log.warn("a warning of the test");
    await server.run("ada", "run welcome.py", "");
    await eventually(() => /run ended user=ada run=[0-9a-f]{8} outcome=exited/.test(all.told.lines));
    await eventually(() => warnings.told.lines.includes("a warning of the test"));
    assert.doesNotMatch(warnings.told.lines, /run started/);
  });

  it("drops lines for who does not read, says how many, and goes on", async () => {
    await using follower = await follow("--user nobody --level debug");
    follower.child.stdout.pause();
    for (let number = 0; number < 40_000; number++)
      log.debug("flood", { user: "nobody", text: "x".repeat(200), number });
    await log.flush?.();
    follower.child.stdout.resume();
    log.info("after the flood", { user: "nobody" });
    await eventually(() => {
      log.info("still here", { user: "nobody" });
      return /\.\.\. [\d,]+ lines left out/.test(follower.told.lines) && follower.told.lines.includes("still here");
    });
  });

  it("ends when the account may not read the log any more", async () => {
    await server.add("former", "admin");
    const { args, env } = await server.ssh("former");
    const child = spawn("ssh", [...args, "log follow"], { env, stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (text: Buffer) => (errors += text.toString()));
    const status = new Promise((resolve) => void child.once("close", resolve));
    await eventually(() => errors.includes("following"));
    await server.server.services.accounts.changes.set("former", { role: "ta" });
    assert.equal(await status, 3);
    assert.match(errors, /may not read the log any more/);
  });

  it("stops listening when its connection is gone", async () => {
    const { logLines } = server.server.services;
    let wanted = false;
    using _wanted = logLines.onWanted((is) => (wanted = is));
    {
      await using _follower = await follow("");
      assert.equal(wanted, true);
    }
    await eventually(() => !wanted);
  });

  it("has nothing of what a person types: in the editor, at the prompt, in bars and questions, as a password", async () => {
    const canary = "kanarien7vogel";
    await using follower = await follow("--level debug --json");
    await using ada = await server.connect("ada");
    await ada.wait("welcome.py");
    ada.press("F3");
    ada.type(`# ${canary} `);
    await ada.wait(canary);
    ada.press("Ctrl-S");
    await ada.wait("Saved");
    ada.press("Ctrl-F");
    ada.type(`${canary}find`);
    await ada.wait(`${canary}find`);
    ada.press("Escape");
    await ada.wait((rows) => !rows.some((row) => row.includes("not found")));
    ada.press("F4");
    ada.type(`${canary}prompt\r`);
    await ada.wait("NameError");
    ada.type(`raise Exception("${canary}raised")\r`);
    await ada.wait(`Exception: ${canary}raised`);
    ada.press("F11");
    await ada.wait("hand");
    ada.type(`${canary}note`);
    ada.press("Enter");
    await server.run("ada", `message boss ${canary}message`);
    await server.run("ada", `${canary}command`);
    await server.run("ada", "passwd", `${canary}old\n${canary}new\n${canary}new\n`);
    await using stranger = await server.connect("ada", { password: `${canary}password` });
    await stranger.exited;
    // A password where the name belongs happens to everybody once.
    await using slip = await server.connect(`${canary}name`, { password: "x" });
    await slip.exited;
    await log.flush?.();
    const written = await readFile(file, "utf8");
    assert.match(written, /new session keys|run started/, "the log was at debug");
    assert.doesNotMatch(written, new RegExp(canary, "i"));
    assert.doesNotMatch(follower.told.lines, new RegExp(canary, "i"));
  });
});

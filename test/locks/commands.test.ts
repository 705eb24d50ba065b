import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { Accounts } from "../../src/auth/accounts.ts";
import { Audit } from "../../src/auth/audit.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import { systemClock } from "../../src/base/clock.ts";
import { Emitter } from "../../src/base/events.ts";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import type { CommandAnswer, Command, CommandContext } from "../../src/commands/command.ts";
import { limitCommands } from "../../src/commands/nouns/limit-commands.ts";
import { lockCommands } from "../../src/commands/nouns/lock-commands.ts";
import type { Services } from "../../src/commands/services.ts";
import { SharedLoginThrottle } from "../../src/limits/shared-login-throttle.ts";
import { SharedRateLimiter } from "../../src/limits/shared-rate.ts";
import { SharedState } from "../../src/limits/shared-state.ts";
import { eventually } from "../support/eventually.ts";
import { Cluster, waiting, type Node } from "./cluster.ts";

describe("commands about locks and limits", () => {
  let cluster: Cluster;
  let node: Node;
  let context: CommandContext;

  before(async () => {
    cluster = await Cluster.start();
    node = await cluster.node("server-1");
    const { database } = cluster.fixture;
    const accounts = new Accounts({ database, hasher: new PasswordHasher({ cost: 4 }), passwordLength: 10 });
    const { account } = await accounts.add({ username: "root", role: "admin" });
    await accounts.add({ username: "ada", role: "student" });
    // Only what these commands work on.
    const services = { accounts, audit: new Audit(database, silentLog) } as unknown as Services;
    const streams = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
    context = {
      account,
      address: "local",
      services,
      ...streams,
      onSignal: new Emitter<string>().on,
      closed: new AbortController().signal,
      log: silentLog,
    };
  });
  after(() => cluster[Symbol.asyncDispose]());

  async function run(commands: readonly Command[], name: string, ...words: string[]): Promise<CommandAnswer> {
    const command = commands.find((each) => each.name === name) ?? assert.fail();
    const result = await command.run(context, { arguments: words, text: () => undefined, flag: () => false });
    assert.ok(result.kind === "answer");
    return result;
  }

  async function audited(action: string): Promise<object[]> {
    return await cluster.fixture.database.query("SELECT actor, subject, detail FROM audit_log WHERE action = $1", [
      action,
    ]);
  }

  it("list locks with owner, age and queue, and release them", async () => {
    const commands = lockCommands(() => node.locks);
    assert.equal((await run(commands, "lock list")).text, "No file is being edited or run.\n");
    const held = await node.locks.acquire("edit:/home/ada/a.py", {
      owner: JSON.stringify({ user: "ada", session: "s1" }),
    });
    const next = node.locks.acquire("edit:/home/ada/a.py", { owner: "not JSON \u001b[31m" });
    await eventually(() => waiting(cluster, 1));
    const listed = await run(commands, "lock list");
    assert.match(
      listed.text,
      /^LOCK +OWNER +PROCESS +SINCE +WAITING\nedit:\/home\/ada\/a\.py +ada +server-1 +\d{4}-\S+Z +not JSON \ufffd\[31m\n$/,
    );
    assert.deepEqual((listed.json as { owner: unknown }[])[0]?.owner, { user: "ada", session: "s1" });
    const released = await run(commands, "lock release", "edit:/home/ada/a.py");
    assert.equal(released.text, "Took edit:/home/ada/a.py from ada. It goes to not JSON \ufffd[31m.\n");
    assert.equal(held.lostBecause, "taken");
    assert.deepEqual(await audited("lock.release"), [
      { actor: "root", subject: "ada", detail: { lock: "edit:/home/ada/a.py" } },
    ]);
    await (await next).release();
    await assert.rejects(
      run(commands, "lock release", "edit:/nothing"),
      (error) => error instanceof UserError && error.exitStatus === 4,
    );
  });

  it("list limits and failed logins, and forget them", async () => {
    using state = new SharedState({ database: cluster.fixture.database, clock: systemClock, log: silentLog });
    const throttle = new SharedLoginThrottle({ freeFailures: 3, maxDelaySeconds: 30, state });
    const runs = new SharedRateLimiter({ name: "runs", perMinute: 1, state });
    const commands = limitCommands(() => ({ state, limiters: [runs], throttle }));
    assert.equal((await run(commands, "limit list")).text, "Nobody is near a limit.\n");
    await runs.take("ada");
    await runs.take("ada");
    await throttle.failed("ada", "10.0.0.1");
    const listed = await run(commands, "limit list");
    assert.match(listed.text, /^login +ada +1 failed login from 10\.0\.0\.1 +in \d+ s$/m);
    assert.match(listed.text, /^login +ada +1 failed login from all addresses +in \d+ s$/m);
    assert.match(listed.text, /^runs +ada +refused last time +in \d+ s$/m);
    assert.equal((await run(commands, "limit reset", "ada")).text, "Reset the limits of ada.\n");
    assert.equal((await runs.take("ada")).allowed, true);
    await runs.reset("ada");
    assert.deepEqual((await run(commands, "limit reset", "ada")).json, { username: "ada", reset: false });
    assert.equal((await audited("limit.reset")).length, 2);
    await assert.rejects(
      run(commands, "limit reset", "nobody"),
      (error) => error instanceof UserError && error.exitStatus === 4,
    );
  });
});

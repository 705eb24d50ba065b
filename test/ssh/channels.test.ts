import assert from "node:assert/strict";
import { once } from "node:events";
import type ssh2 from "ssh2";
import { UserError } from "../../src/base/errors.ts";
import { terminalSize } from "../../src/ssh/terminal-size.ts";
import { runSshClient } from "../support/ssh-clients.ts";
import { recordingLog } from "./recording-log.ts";
import {
  exec,
  insides,
  login,
  outcomeOf,
  run,
  sendPayload,
  shell,
  startServer,
  textOf,
  until,
  wire,
  type Attacker,
  type UnderTest,
} from "./server-under-test.ts";

describe("a command", () => {
  let under: UnderTest;
  let ada: Attacker;
  before(async () => {
    under = await startServer();
    ada = await login(under);
  });
  after(async () => {
    ada[Symbol.dispose]();
    await under[Symbol.asyncDispose]();
  });

  it("gets its input, and its end, though the client sent them before it was told to go on", async () => {
    using eager = await login(under);
    const received: Buffer[] = [];
    const decipher = insides(eager.client)._protocol._decipher;
    const ended = new Promise<void>((resolve) => {
      decipher._onPayload = (payload) => {
        received.push(Buffer.from(payload));
        if (payload[0] === 97) resolve();
      };
    });
    sendPayload(eager.client, wire(90, "session", 0, 1 << 20, 32 << 10));
    sendPayload(eager.client, wire(98, 0, "exec", true, "cat"));
    sendPayload(eager.client, wire(94, 0, "early"));
    sendPayload(eager.client, wire(96, 0));
    await ended;
    assert.deepEqual(
      received.filter((payload) => payload[0] === 94),
      [wire(94, 0, "early")],
    );
    assert.ok(received.some((payload) => payload.equals(wire(98, 0, "exit-status", false, 0))));
  });

  it("without input works with OpenSSH", async () => {
    const results = await Promise.all(
      Array.from({ length: 4 }, () => runSshClient("openssh", { ...under.target, command: "cat" })),
    );
    for (const { status, stdout } of results) assert.deepEqual({ status, stdout }, { status: 0, stdout: "" });
  });

  it("gives its exit status, whatever it is", async () => {
    for (const status of [0, 1, 75, 255]) assert.equal((await run(ada.client, `exit ${status}`)).status, status);
  });

  it("that a signal ended says so", async () => {
    const { status, signal } = await run(ada.client, "signal KILL");
    assert.deepEqual({ status, signal }, { status: null, signal: "SIGKILL" });
  });

  it("that a signal without a name in SSH ended gives a status instead", async () => {
    assert.equal((await run(ada.client, "signal XCPU")).status, 255);
  });

  it("gets the signals that the client sends", async () => {
    const channel = await exec(ada.client, "hang");
    const request = under.commands.at(-1) ?? assert.fail();
    const signal = new Promise((resolve) => {
      request.onSignal(resolve);
    });
    channel.signal("INT");
    assert.equal(await signal, "INT");
    request.exit(0);
  });

  it("gets the language from the client, and nothing that could change programs", async () => {
    const env = {
      LANG: "de_DE.UTF-8",
      LC_ALL: "C",
      NO_COLOR: "1",
      LD_PRELOAD: "/tmp/evil.so",
      PATH: "/tmp",
      LC_TIME: "x".repeat(1000),
    };
    assert.equal(await textOf(await exec(ada.client, "env", { env })), "LANG=de_DE.UTF-8\nLC_ALL=C\nNO_COLOR=1\n");
  });

  it("on a pty has one stream, with lines as a terminal wants them", async () => {
    const text = await textOf(await exec(ada.client, "both", { pty: { cols: 100, rows: 30 } }));
    assert.equal(text, "to stdout\r\nto stderr\r\n");
    const { terminal } = under.commands.at(-1) ?? assert.fail();
    assert.deepEqual(terminal?.size, { columns: 100, rows: 30 });
  });

  it("without a pty has no terminal, and two streams", async () => {
    const { stdout, stderr } = await run(ada.client, "both");
    assert.equal(stdout, "to stdout\n");
    assert.equal(stderr, "to stderr\n");
    assert.equal(under.commands.at(-1)?.terminal, undefined);
  });

  it("with a bug ends with status 1 and a number, and the connection goes on", async () => {
    const { status, stderr } = await run(ada.client, "crash");
    assert.equal(status, 1);
    assert.match(stderr, /^classh: something went wrong in classh \(error [0-9a-f]{8}\)\n.*number\.\n$/);
    assert.equal(await textOf(await exec(ada.client, "echo fine")), "fine\n");
  });

  it("learns that its client is gone", async () => {
    using leaving = await login(under);
    await exec(leaving.client, "hang");
    const request = under.commands.at(-1) ?? assert.fail();
    const ended = once(request.stdin, "close");
    leaving.client.destroy();
    await until(() => request.closed.aborted, "the news");
    await ended;
    assert.equal(request.stdout.destroyed, true);
    request.stdout.write("to nobody"); // harmless
    request.exit(0);
  });

  it("may close its input without harm to its output", async () => {
    const channel = await exec(ada.client, "hang");
    const request = under.commands.at(-1) ?? assert.fail();
    request.stdin.destroy();
    channel.write(Buffer.alloc(4 << 20)); // more than the window: somebody must take it
    await new Promise((resolve) => channel.end(resolve));
    request.stdout.write("done");
    request.exit(0);
    assert.equal(await textOf(channel), "done");
  });

  it("may flood both streams beyond the window and nothing is lost, sent twice, or mixed up", async () => {
    const channel = await exec(ada.client, "hang");
    const request = under.commands.at(-1) ?? assert.fail();
    const size = 3 << 20;
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    channel.on("data", (bytes: Buffer) => output.push(bytes));
    channel.stderr.on("data", (bytes: Buffer) => errors.push(bytes));
    for (let at = 0; at < size; at += 1 << 16) {
      request.stdout.write(Buffer.alloc(1 << 16, at >> 16));
      request.stderr.write(Buffer.alloc(1 << 16, 255 - (at >> 16)));
    }
    request.exit(0);
    await once(channel, "close");
    const expected = (of: (index: number) => number) =>
      Buffer.concat(Array.from({ length: size >> 16 }, (_, index) => Buffer.alloc(1 << 16, of(index))));
    assert.ok(Buffer.concat(output).equals(expected((index) => index)));
    assert.ok(Buffer.concat(errors).equals(expected((index) => 255 - index)));
  });

  it("is one on each channel: ssh2 leaves a second request without an answer", async () => {
    const channel = await exec(ada.client, "hang");
    const count = under.commands.length;
    const { outgoing } = channel as unknown as { outgoing: { id: number } };
    sendPayload(ada.client, wire(98, outgoing.id, "exec", true, "echo second"));
    assert.equal((await run(ada.client, "echo a round trip")).status, 0);
    assert.equal(under.commands.length, count + 1);
    under.commands[count - 1]?.exit(0);
  });
});

describe("a shell", () => {
  it("has the client's terminal, and follows its size", async () => {
    await using under = await startServer();
    using ada = await login(under);
    const channel = await shell(ada.client, { term: "tmux-256color", cols: 132, rows: 43 });
    assert.ok(under.heard.includes("shell tmux-256color 132x43"));
    const terminal = under.terminals[0] ?? assert.fail();
    const resized = new Promise((resolve) => {
      terminal.onResize(resolve);
    });
    channel.setWindow(7, 5000, 0, 0);
    assert.deepEqual(await resized, { columns: 500, rows: 7 });
    const typed = new Promise<Buffer>((resolve) => {
      terminal.onInput(resolve);
    });
    channel.write("x");
    assert.equal((await typed).toString(), "x");
    const closed = new Promise<void>((resolve) => {
      terminal.onClose(resolve);
    });
    terminal.write("bye");
    terminal.close(4);
    await closed;
    const [status] = (await once(channel, "exit")) as [number];
    assert.equal(status, 4);
    terminal.write("to nobody"); // harmless
  });

  it("without a pty is dumb, and takes a client's strange TERM for a usual one", async () => {
    await using under = await startServer();
    using ada = await login(under);
    await shell(ada.client, false);
    await shell(ada.client, { term: "../../etc/passwd" });
    await shell(ada.client, { term: "x".repeat(1000) });
    assert.deepEqual(under.heard.slice(-3), [
      "shell dumb 80x24",
      "shell xterm-256color 80x24",
      "shell xterm-256color 80x24",
    ]);
  });

  it("has a size that can be drawn, whatever the client says", () => {
    assert.deepEqual(terminalSize({ cols: 0, rows: 0 }), { columns: 80, rows: 24 });
    assert.deepEqual(terminalSize({ cols: undefined, rows: 50 }), { columns: 80, rows: 50 });
    assert.deepEqual(terminalSize({ cols: 1, rows: 1 }), { columns: 20, rows: 5 });
    assert.deepEqual(terminalSize({ cols: 4_294_967_295, rows: 4_294_967_295 }), { columns: 500, rows: 200 });
  });

  it("is not read from before somebody listens, and while it is paused", async () => {
    await using under = await startServer();
    using ada = await login(under);
    const channel = await shell(ada.client);
    channel.write("before ");
    await textOf(await exec(ada.client, "echo a round trip"));
    const terminal = under.terminals[0] ?? assert.fail();
    let typed = "";
    terminal.onInput((bytes) => {
      typed += bytes.toString();
    });
    await until(() => typed === "before ", "what was typed before");
    terminal.pauseInput();
    channel.write("while paused");
    await textOf(await exec(ada.client, "echo a round trip"));
    assert.equal(typed, "before ");
    terminal.resumeInput();
    await until(() => typed === "before while paused", "what was typed while paused");
  });

  it("shows a person's error with its hint, and its status", async () => {
    await using under = await startServer({
      handlers: {
        async shell() {
          throw new UserError("too-many-sessions", "all places are taken", "Try again in a minute.");
        },
      },
    });
    using ada = await login(under);
    const outcome = await new Promise((resolve, reject) => {
      ada.client.shell({}, (error, channel) => (error ? reject(error) : resolve(outcomeOf(channel))));
    });
    const stdout = "classh: all places are taken\r\nTry again in a minute.\r\n";
    assert.deepEqual(outcome, { status: 75, signal: undefined, stdout, stderr: "" });
  });

  it("ends when a listener of its screen has a bug; others on the connection go on", async () => {
    const log = recordingLog();
    await using under = await startServer({ log });
    using ada = await login(under);
    const channel = await shell(ada.client);
    under.terminals[0]?.onInput(() => {
      throw new Error("a bug");
    });
    channel.write("x");
    assert.match(await textOf(channel), /something went wrong in classh/);
    assert.equal(await textOf(await exec(ada.client, "echo fine")), "fine\n");
    assert.ok(log.lines.some(({ message }) => message === "unexpected error"));
  });
});

describe("everything else that SSH can carry", () => {
  let under: UnderTest;
  let ada: Attacker;
  before(async () => {
    under = await startServer();
    ada = await login(under);
  });
  after(async () => {
    ada[Symbol.dispose]();
    await under[Symbol.asyncDispose]();
  });
  const refused = (ask: (client: ssh2.Client, answer: (error?: Error | null) => void) => void): Promise<void> =>
    assert.rejects(
      new Promise<void>((resolve, reject) => ask(ada.client, (error) => (error ? reject(error) : resolve()))),
    );

  it("is refused: forwarding to an address", () =>
    refused((client, answer) => void client.forwardOut("127.0.0.1", 1, "127.0.0.1", under.port, answer)));
  it("is refused: forwarding to a socket", () =>
    refused((client, answer) => void client.openssh_forwardOutStreamLocal("/run/x", answer)));
  it("is refused: forwarding from here", () =>
    refused((client, answer) => void client.forwardIn("127.0.0.1", 0, answer)));
  it("is refused: forwarding from a socket here", () =>
    refused((client, answer) => void client.openssh_forwardInStreamLocal("/run/x", answer)));
  it("is a command for whoever explains: subsystems", async () => {
    await new Promise<void>((resolve, reject) =>
      ada.client.subsys("netconf", (error, channel) => (error ? reject(error) : resolve(void channel.destroy()))),
    );
    assert.equal(under.commands.at(-1)?.command, "subsystem netconf");
  });
  it("is explained to who looks: forwarding, X11, the agent", async () => {
    const options = ["-v", "-A", "-X", "-R", "0:localhost:1", "-o", "LogLevel=DEBUG1", "-o", "ForwardX11=yes"];
    const result = await runSshClient("openssh", { ...under.target, command: "echo still works", options });
    assert.equal(result.stdout, "still works\n");
    assert.match(result.stderr, /Remote: Ports and sockets are not forwarded here\./);
  });
  it("is refused: X11", () => refused((client, answer) => void client.exec("echo x", { x11: true }, answer)));
  it("is refused: the agent", async () => {
    const result = await runSshClient("openssh", {
      ...under.target,
      command: "echo still works",
      options: ["-A", "-R", "0:localhost:1"],
    });
    assert.equal(result.stdout, "still works\n");
  });
});

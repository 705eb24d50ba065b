import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type ssh2 from "ssh2";
import type { PasswordAnswer, PasswordChange } from "../../src/ssh/handlers.ts";
import { runSshClient } from "../support/ssh-clients.ts";
import { SoftwareToken, type TokenOptions } from "./software-token.ts";
import {
  attack,
  exec,
  later,
  login,
  password,
  replies,
  sendPayload,
  startServer,
  textOf,
  until,
  untilEmpty,
  wire,
  type UnderTest,
} from "./server-under-test.ts";

interface TestKey {
  readonly file: string;
  readonly type: string;
  readonly blob: Buffer;
}

describe("keys", () => {
  let directory: string;
  let under: UnderTest;
  const keys = new Map<string, TestKey>();
  const asked: string[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "keys-"));
    for (const kind of ["ed25519", "ecdsa", "rsa"]) keys.set(kind, await makeKey(directory, kind));
    under = await startServer({
      handlers: {
        async publicKey({ username, algorithm, blob }) {
          asked.push(`${username} ${algorithm}`);
          const found = [...keys.values()].some((key) => key.type === algorithm && key.blob.equals(blob));
          return username === "ada" && found ? "Ada" : undefined;
        },
      },
    });
  });
  after(async () => {
    await under[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });
  beforeEach(() => {
    asked.length = 0;
    under.heard.length = 0;
  });
  const keyOf = (kind: string): TestKey => keys.get(kind) ?? assert.fail(kind);

  for (const kind of ["ed25519", "ecdsa", "rsa"]) {
    it(`of type ${kind} log in with OpenSSH`, async () => {
      const result = await runSshClient("openssh", {
        ...under.target,
        keyFile: keyOf(kind).file,
        command: "echo hello",
      });
      assert.deepEqual({ status: result.status, stdout: result.stdout }, { status: 0, stdout: "hello\n" });
      assert.ok(under.heard.includes("authenticated Ada publickey 127.0.0.1"));
    });
  }

  it("of type rsa log in with paramiko", async () => {
    const result = await runSshClient("paramiko", {
      ...under.target,
      password: undefined,
      keyFile: keyOf("rsa").file,
      command: "echo hello",
    });
    assert.equal(result.stdout, "hello\n");
  });

  it("with a SHA-1 signature are refused without a look at them", async () => {
    const options = ["-o", "PubkeyAcceptedAlgorithms=ssh-rsa"];
    const result = await runSshClient("openssh", {
      ...under.target,
      keyFile: keyOf("rsa").file,
      command: "echo hello",
      options,
    });
    assert.equal(result.status, 255);
    assert.match(result.stderr, /Permission denied/);
    assert.deepEqual(asked, []);
  });

  it("that belong to somebody else are refused", async () => {
    const stranger = await makeKey(directory, "ed25519", "stranger");
    const result = await runSshClient("openssh", { ...under.target, keyFile: stranger.file, command: "echo hello" });
    assert.equal(result.status, 255);
    assert.ok(asked.length > 0);
  });

  it("without a signature log nobody in", async () => {
    const { type, blob } = keyOf("ed25519");
    using attacker = attack(under, { authHandler: () => sendPayload(attacker.client, publicKeyRequest(type, blob)) });
    await new Promise((resolve) => attacker.client.once("handshake", () => setImmediate(resolve)));
    await replies(attacker.client, 60);
    assert.deepEqual(under.server.connections, { authenticated: 0, waiting: 1 });
    sendPayload(attacker.client, wire(90, "session", 0, 1 << 20, 32 << 10));
    await replies(attacker.client, 92);
    assert.deepEqual(under.heard, []);
  });

  it("with a signature of another key are refused", async () => {
    const { type, blob } = keyOf("ed25519");
    const signature = wire(0, type, Buffer.alloc(64, 1)).subarray(1);
    const errors = await tryThenPassword(under, [publicKeyRequest(type, blob, signature)]);
    assert.deepEqual(errors, []);
    assert.deepEqual(under.heard, ["failed ada publickey", "password ada", "authenticated Ada password 127.0.0.1"]);
  });

  it("of kinds that can't be checked are refused politely, and the connection goes on", async () => {
    const signature = wire(0, "ssh-ed25519-cert-v01@openssh.com", Buffer.alloc(64, 1)).subarray(1);
    const certificate = wire(0, "ssh-ed25519-cert-v01@openssh.com", Buffer.alloc(32, 1), Buffer.alloc(32, 2)).subarray(
      1,
    );
    const webauthn = wire(
      0,
      "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
      "nistp256",
      Buffer.alloc(65, 4),
      "ssh:",
    ).subarray(1);
    const errors = await tryThenPassword(under, [
      publicKeyRequest("webauthn-sk-ecdsa-sha2-nistp256@openssh.com", webauthn),
      publicKeyRequest("webauthn-sk-ecdsa-sha2-nistp256@openssh.com", webauthn, signature),
      publicKeyRequest("ssh-ed25519-cert-v01@openssh.com", certificate),
      publicKeyRequest("ssh-ed25519-cert-v01@openssh.com", certificate, signature),
      publicKeyRequest("ssh-dss", wire(0, "ssh-dss", "p", "q", "g", "y").subarray(1)),
    ]);
    assert.deepEqual(errors, []);
    assert.ok(under.heard.includes("authenticated Ada password 127.0.0.1"));
    assert.deepEqual(asked, []);
  });

  it("of type rsa log in with a client that signs with SHA-512 only", async () => {
    const options = ["-o", "PubkeyAcceptedAlgorithms=rsa-sha2-512"];
    const result = await runSshClient("openssh", {
      ...under.target,
      keyFile: keyOf("rsa").file,
      command: "echo hello",
      options,
    });
    assert.equal(result.stdout, "hello\n");
  });

  it("may be offered in great numbers: a question is no failure", async () => {
    const offers = Array.from({ length: 20 }, (_, index) =>
      publicKeyRequest("ssh-ed25519", wire(0, "ssh-ed25519", Buffer.alloc(32, index)).subarray(1)),
    );
    assert.deepEqual(await tryThenPassword(under, offers), []);
    assert.deepEqual(under.heard, ["password ada", "authenticated Ada password 127.0.0.1"]);
  });

  it("may not be offered for ever", async () => {
    using attacker = attack(under, {
      authHandler: (left, _partial, next) => {
        if (left)
          sendPayload(
            attacker.client,
            publicKeyRequest("ssh-ed25519", wire(0, "ssh-ed25519", Buffer.alloc(32)).subarray(1)),
          );
        else next("none");
      },
    });
    await attacker.closed;
    assert.ok(asked.length > 50 && asked.length <= 100, `${asked.length} questions`);
  });

  it("can still be tried after a password prompt that the client left unanswered", async () => {
    const { type, blob } = keyOf("ed25519");
    using attacker = attack(under, { password: undefined, tryKeyboard: true });
    await new Promise((resolve) => attacker.client.once("keyboard-interactive", resolve));
    const answer = replies(attacker.client, 60);
    sendPayload(attacker.client, publicKeyRequest(type, blob));
    await answer;
  });
});

describe("keys of security tokens", () => {
  const tokens = ["sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"].map(
    (type) => new SoftwareToken(type),
  );
  let under: UnderTest;
  before(async () => {
    under = await startServer({
      handlers: {
        publicKey: async ({ algorithm, blob }) =>
          tokens.some((token) => token.type === algorithm && token.blob.equals(blob)) ? "Ada" : undefined,
      },
    });
  });
  after(async () => {
    await under[Symbol.asyncDispose]();
  });

  for (const token of tokens) {
    it(`of type ${token.type} log in when they were touched`, async () => {
      assert.equal(await token.tryToLogIn(under), "in");
    });

    it(`of type ${token.type} log in also when they asked for a PIN`, async () => {
      assert.equal(await token.tryToLogIn(under, { flags: 0x05 }), "in");
    });

    const refused: [string, TokenOptions][] = [
      ["that signed without being touched", { flags: 0x00 }],
      ["that signed without being touched, but with a PIN", { flags: 0x04 }],
      ["that signed for another application", { application: "ssh:another" }],
      ["whose flags were changed afterwards", { change: (signature) => signature.fill(0x05, -5, -4) }],
      ["whose counter was changed afterwards", { change: (signature) => signature.fill(0xff, -1) }],
      ["whose signature was cut", { change: (signature) => signature.subarray(0, -1) }],
      ["whose signature is nothing", { change: () => Buffer.alloc(0) }],
      ["that signed something else", { message: Buffer.from("another connection") }],
    ];
    for (const [what, options] of refused) {
      it(`of type ${token.type} are refused ${what}`, async () => {
        assert.equal(await token.tryToLogIn(under, options), "refused");
      });
    }
  }
});

describe("passwords", () => {
  it("are asked for under the methods that are offered", async () => {
    await using under = await startServer();
    let offered: readonly string[] = [];
    using attacker = attack(under, {
      authHandler: (left, _partial, next) => {
        if (left) offered = left;
        else next("none");
      },
    });
    await until(() => offered.length > 0, "the methods");
    assert.deepEqual(offered, ["publickey", "keyboard-interactive", "password"]);
    assert.deepEqual(attacker.errors, []);
  });

  it("are asked for below the banner", async () => {
    await using under = await startServer({ settings: { banner: "Welcome, all" } });
    const attacker = attack(under);
    using _ = attacker;
    const banner = await new Promise((resolve) => attacker.client.once("banner", resolve));
    assert.equal(banner, "Welcome, all\r\n");
  });

  it("that are refused with a reason show the reason where the client can", async () => {
    await using under = await startServer({
      handlers: { password: async () => ({ kind: "refused", message: "Too many tries. Wait 8 seconds." }) },
    });
    assert.match(await shownByOpenSsh(under), /^Too many tries\. Wait 8 seconds\.\r?$/m);
  });

  it("that are used up end in the words that everybody looks up", async () => {
    await using under = await startServer({
      settings: { maxAuthTries: 1 },
      handlers: { password: async () => ({ kind: "refused" }) },
    });
    assert.match(await shownByOpenSsh(under), /^Received disconnect from .*Too many authentication failures/m);
  });

  it("that can't be checked because of a bug are refused, and the person is told", async () => {
    await using under = await startServer({ handlers: { password: () => Promise.reject(new Error("a bug")) } });
    assert.match(
      await shownByOpenSsh(under),
      /^Something went wrong in classh \(error [0-9a-f]{8}\)\. Your work is kept\..*$/m,
    );
    await untilEmpty(under);
  });

  it("that are too long to be one are refused unread", async () => {
    await using under = await startServer();
    assert.deepEqual(
      await tryThenPassword(under, [wire(50, "ada", "ssh-connection", "password", false, "x".repeat(2000))]),
      [],
    );
    assert.deepEqual(under.heard, ["failed ada password", "password ada", "authenticated Ada password 127.0.0.1"]);
  });

  it("are changed at the first login, with OpenSSH", async () => {
    const chosen: string[] = [];
    await using under = await startServer({ handlers: { password: changing(chosen) } });
    const result = await runSshClient("openssh", {
      ...under.target,
      newPassword: "battery staple",
      command: "echo in",
    });
    assert.deepEqual({ status: result.status, stdout: result.stdout }, { status: 0, stdout: "in\n" });
    assert.deepEqual(chosen, ["battery staple"]);
    assert.ok(under.heard.includes("authenticated Ada, changed keyboard-interactive 127.0.0.1"));
  });

  it("that are not good enough, or mistyped, are asked for again with the reason", async () => {
    const chosen: string[] = [];
    await using under = await startServer({ handlers: { password: changing(chosen) } });
    const rounds = [
      password,
      "short",
      "short",
      "battery staple",
      "battery stable",
      "battery staple",
      "battery staple",
    ].map((answer) => [answer]);
    const shown = await converse(under, () => rounds.shift() ?? []);
    const instruction = "This is your first login: choose a new password (at least 10 characters).";
    assert.deepEqual(shown, [
      "",
      instruction,
      "",
      `It is too short.\n${instruction}`,
      "",
      `The two passwords are not the same.\n${instruction}`,
      "",
    ]);
    assert.deepEqual(chosen, ["short", "battery staple"]);
    assert.ok(under.heard.includes("authenticated Ada, changed keyboard-interactive 127.0.0.1"));
  });

  it("that are not good enough three times end the try", async () => {
    const chosen: string[] = [];
    await using under = await startServer({ handlers: { password: changing(chosen) } });
    const rounds = [password];
    await converse(under, (prompts) => prompts.map(() => rounds.shift() ?? "short"));
    assert.equal(chosen.length, 3);
    assert.deepEqual(under.heard, ["failed ada keyboard-interactive"]);
  });

  it("that break a rule are refused before they are asked for again", async () => {
    const chosen: string[] = [];
    const check = (fresh: string): string | undefined => (fresh === "short" ? "Too short." : undefined);
    await using under = await startServer({ handlers: { password: changing(chosen, check) } });
    const rounds = [password, "short", "battery staple", "battery staple"];
    const shown = await converse(under, (prompts) => prompts.map(() => rounds.shift() ?? ""));
    assert.match(shown[2] ?? "", /^Too short\./);
    assert.deepEqual(chosen, ["battery staple"]);
  });

  it("that are due for a change let in by the plain method, and leave the asking to the screen", async () => {
    await using under = await startServer({ handlers: { password: changing([]) } });
    using attacker = await login(under);
    assert.deepEqual(attacker.errors, []);
    assert.deepEqual(under.heard, ["authenticated Ada, unchanged password 127.0.0.1"]);
  });

  it("may take longer to choose than to log in", async () => {
    await using under = await startServer({ settings: { loginGraceSeconds: 4 }, handlers: { password: changing([]) } });
    const begun = performance.now();
    using attacker = attack(under, { password: undefined, tryKeyboard: true });
    const patience = new Promise<void>((resolve) => {
      attacker.client.on("keyboard-interactive", (...[, , , prompts, answer]: Questions) => {
        if (prompts.length === 1) return answer([password]);
        // The clock is the subject here: the person thinks until the login grace time is over.
        setTimeout(() => answer(["battery staple", "battery staple"]), 4200 - (performance.now() - begun));
      });
      attacker.client.once("ready", resolve);
    });
    await Promise.race([patience, attacker.closed.then(() => assert.fail("disconnected while choosing a password"))]);
  });

  it("that are found right when the client has left let nobody in", async () => {
    const { promise: pending, resolve: answer } = later<PasswordAnswer<string>>();
    let asked = false;
    await using under = await startServer({
      handlers: {
        password() {
          asked = true;
          return pending;
        },
      },
    });
    const attacker = attack(under);
    await until(() => asked, "the password being checked");
    attacker.client.destroy();
    await untilEmpty(under);
    answer({ kind: "accepted", principal: "Ada" });
    await pending;
    assert.deepEqual(under.heard, []);
  });

  it("of an attempt that the client abandoned for another let nobody in", async () => {
    const { promise: pending, resolve: answer } = later<PasswordAnswer<string>>();
    let asked = 0;
    await using under = await startServer({
      handlers: {
        password(attempt) {
          asked += 1;
          return attempt.password === password ? pending : Promise.resolve({ kind: "refused" });
        },
      },
    });
    using attacker = attack(under, { password: undefined, tryKeyboard: true });
    attacker.client.once("keyboard-interactive", (...[, , , , finish]: Questions) => {
      finish([password]);
      sendPayload(attacker.client, wire(50, "ada", "ssh-connection", "password", false, "other"));
    });
    await until(() => asked === 2, "the second attempt");
    answer({ kind: "accepted", principal: "Ada" });
    await until(() => under.heard.includes("failed ada password"), "the second attempt's failure");
    assert.deepEqual(under.server.connections, { authenticated: 0, waiting: 1 });
    assert.deepEqual(under.heard, ["failed ada password"]);
  });

  it("survive a bug in those who are told of a login", async () => {
    await using under = await startServer({
      handlers: {
        authenticated() {
          throw new Error("a bug");
        },
      },
    });
    using attacker = await login(under);
    assert.equal(await textOf(await exec(attacker.client, "echo in")), "in\n");
  });
});

/** What OpenSSH tells its person during the login. */
async function shownByOpenSsh(under: UnderTest): Promise<string> {
  const options = [
    "-o",
    "LogLevel=INFO",
    "-o",
    "PreferredAuthentications=keyboard-interactive",
    "-o",
    "NumberOfPasswordPrompts=1",
  ];
  return (await runSshClient("openssh", { ...under.target, command: "echo never", options })).stderr;
}

/** What ssh2 tells when the server asks. */
type Questions = [
  name: string,
  instruction: string,
  language: string,
  prompts: ssh2.Prompt[],
  finish: ssh2.KeyboardInteractiveCallback,
];

/** Answers prompts by `answer` until the server lets the client in or sends it away; what was shown above the prompts. */
async function converse(under: UnderTest, answer: (prompts: readonly ssh2.Prompt[]) => string[]): Promise<string[]> {
  const shown: string[] = [];
  using attacker = attack(under, { password: undefined, tryKeyboard: true });
  attacker.client.on("keyboard-interactive", (...[, instruction, , prompts, finish]: Questions) => {
    shown.push(instruction);
    for (const { echo } of prompts) assert.equal(echo, false);
    finish(answer(prompts));
  });
  const ready = new Promise<void>((resolve) => attacker.client.once("ready", resolve));
  await Promise.race([ready, attacker.closed]);
  return shown;
}

/** Makes each request in turn as the answer to the last one's failure, then logs in by password; the client's errors. */
async function tryThenPassword(under: UnderTest, requests: readonly Buffer[]): Promise<readonly Error[]> {
  const waiting = [...requests];
  using attacker = attack(under, {
    authHandler: (left, _partial, next) => {
      if (!left) return next("none"); // ssh2's client needs a first request of its own
      const request = waiting.shift();
      if (request) sendPayload(attacker.client, request);
      else next({ type: "password", username: "ada", password });
    },
  });
  await Promise.race([new Promise<void>((resolve) => attacker.client.once("ready", resolve)), attacker.closed]);
  return attacker.errors;
}

/** "correct horse" is right, and due for a change to something of ten characters. */
function changing(chosen: string[], check?: (newPassword: string) => string | undefined) {
  return async (attempt: { password: string }): Promise<PasswordAnswer<string>> => {
    if (attempt.password !== password) return { kind: "refused" };
    return {
      kind: "change-required",
      principal: "Ada, unchanged",
      ...(check ? { check } : {}),
      async change(newPassword): Promise<PasswordChange<string>> {
        chosen.push(newPassword);
        return newPassword.length < 10
          ? { ok: false, reason: "It is too short." }
          : { ok: true, principal: "Ada, changed" };
      },
    };
  };
}

function publicKeyRequest(type: string, blob: Buffer, signature?: Buffer): Buffer {
  const request = wire(50, "ada", "ssh-connection", "publickey", signature !== undefined, type, blob);
  return signature ? Buffer.concat([request, wire(0, signature).subarray(1)]) : request;
}

async function makeKey(directory: string, kind: string, name = kind): Promise<TestKey> {
  const file = join(directory, name);
  await promisify(execFile)("ssh-keygen", ["-q", "-t", kind, "-N", "", "-f", file]);
  const [type = "", base64 = ""] = (await readFile(`${file}.pub`, "utf8")).split(" ");
  return { file, type, blob: Buffer.from(base64, "base64") };
}

describe("a name that was typed in another way", () => {
  it("is the account's name for all that is counted for each person", async () => {
    const named: string[] = [];
    await using under = await startServer({
      handlers: {
        password: () => Promise.resolve({ kind: "accepted", principal: "Ada" }),
        nameOf: () => "ada",
        authenticated: (_principal, { username }) => void named.push(username),
      },
    });
    for (const username of ["ada", "ADA", "ada@college.edu"]) {
      using client = await login(under, { username });
      const channel = await exec(client.client, "echo hello");
      channel.resume();
      await until(() => under.commands.length === named.length, "the command arrived");
    }
    assert.deepEqual(named, ["ada", "ada", "ada"]);
    assert.deepEqual(
      under.commands.map(({ username }) => username),
      ["ada", "ada", "ada"],
    );
  });
});

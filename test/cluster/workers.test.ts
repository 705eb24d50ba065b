/** A server of several processes, some of which are killed. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect as connectSocket, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Accounts } from "../../src/auth/accounts.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import { Scope } from "../../src/base/scope.ts";
import { SessionTable } from "../../src/cluster/session-table.ts";
import { clientHome, commandLine, runSshClient, type ClientHome, type SshResult } from "../support/ssh-clients.ts";
import { showsTheSame } from "../support/cells.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";
import { runOnServer, startServerProcess, type ServerProcess } from "./server-process.ts";
import { RawClient } from "../ssh/raw-client.ts";

const password = "correct horse battery";

/** Whatever waits for a lease to end fails by its time. */
const leaseSeconds = 60;
const connectionsPerMinute = 60;

describe("a server with workers", () => {
  let scope: Scope;
  let data: string;
  let home: ClientHome;
  let database: TestDatabase;
  let accounts: Accounts;
  let table: SessionTable;
  let server: ServerProcess;
  let people = 0;

  async function start(): Promise<void> {
    server = scope.own(
      await startServerProcess(data, ["--workers", "2"], {
        DATABASE_URL: database.url,
        CLASSH_DATABASE_POOL_SIZE: "4",
        CLASSH_DATABASE_RETRY_SECONDS: "60",
        CLASSH_LOCKS_LEASE_SECONDS: String(leaseSeconds),
        CLASSH_ACCOUNTS_BCRYPT_COST: "4",
        CLASSH_INITIAL_PASSWORD_CHANGE: "off",
        CLASSH_SSH_CONNECTIONS_PER_MINUTE: String(connectionsPerMinute),
      }),
    );
  }

  before(async () => {
    scope = new Scope("workers test");
    data = await mkdtemp(join(tmpdir(), "classh-workers-"));
    scope.defer(() => rm(data, { recursive: true, force: true, maxRetries: 5 }));
    home = scope.own(await clientHome());
    database = scope.own(await testDatabase());
    accounts = new Accounts({
      database: database.database,
      hasher: new PasswordHasher({ cost: 4 }),
      passwordLength: 10,
    });
    table = new SessionTable(database.database);
    await start();
  });
  after(() => scope.close());

  async function newPerson(role: "student" | "professor" | "admin" = "student"): Promise<string> {
    const username = `person${(people += 1)}`;
    await accounts.add({ username, role });
    await accounts.setPassword(username, password);
    return username;
  }

  const target = (user: string) => ({ host: "127.0.0.1", port: server.port, user, fingerprint: "", password });

  function connect(user: string, command?: string, columns = 80): TerminalClient {
    const { file, args, env } = commandLine(
      "openssh",
      { ...target(user), options: ["-t"], ...(command === undefined ? {} : { command }) },
      home.directory,
    );
    return openTerminalClient(file, args, { env: { ...env, TERM: "xterm-256color" }, columns });
  }

  const run = (user: string, command: string): Promise<SshResult> =>
    runSshClient("openssh", { ...target(user), command });

  async function sessionOf(user: string) {
    const [row] = await table.list(user);
    return row;
  }

  /** The process that has somebody's session; 0 when there is none. */
  async function workerOf(user: string): Promise<number> {
    const row = await sessionOf(user);
    return (await table.nodes()).find((each) => each.node === row?.node.node)?.pid ?? 0;
  }

  /** There are two workers, none of them `gone`, and both take connections. */
  async function whole(gone = 0): Promise<void> {
    await eventually(async () => {
      const log = await readFile(join(data, "log", "classh.log"), "utf8");
      const pids = await server.workers();
      const serve = (pid: number): boolean =>
        log.split("\n").some((line) => line.includes('"worker is ready"') && line.includes(`"pid":${pid},`));
      return pids.length === 2 && !pids.includes(gone) && pids.every(serve) && (await table.nodes()).length === 2;
    });
  }

  /** Unsaved text that is safe on disk. */
  async function kept(user: string): Promise<string> {
    const directory = join(data, "recovery", user);
    // A file without its name yet is lost with its process.
    const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith(".jsonl"));
    const texts = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8").catch(() => "")));
    return texts.join("");
  }

  async function typed(client: TerminalClient, text: string): Promise<void> {
    client.press("F3");
    client.type(text);
    await client.wait(text.trim());
  }

  it("shares people out among them", async () => {
    const [ada, bob] = [await newPerson(), await newPerson()];
    await using one = connect(ada);
    await one.wait("Welcome");
    await using two = connect(bob);
    await two.wait("Welcome");
    assert.notEqual(await workerOf(ada), await workerOf(bob));
    assert.equal((await server.workers()).length, 2);
  });

  it("brings whoever comes back to the session, whichever worker answers", async () => {
    const [ada, bob] = [await newPerson(), await newPerson()];
    const first = connect(ada);
    await first.wait("Welcome");
    await typed(first, "# mine ");
    const owner = await workerOf(ada);
    process.kill(first.pid, "SIGKILL");
    await first.close();
    await eventually(async () => (await sessionOf(ada))?.state === "away");
    // Two connections in a row end up on two workers: one of them is relayed.
    await using other = connect(bob);
    await other.wait("Welcome");
    for (let round = 0; round < 2; round++) {
      const again = connect(ada);
      await again.wait(/Resumed/);
      await again.wait("# mine");
      assert.equal(await workerOf(ada), owner);
      process.kill(again.pid, "SIGKILL");
      await again.close();
      await eventually(async () => (await sessionOf(ada))?.state === "away");
    }
  });

  it("shows the log of all of them to who follows it: both workers, the primary, and a worker that is new", async () => {
    const [admin, ada, bob] = [await newPerson("admin"), await newPerson(), await newPerson()];
    await using log = connect(admin, "log follow", 200);
    await using one = connect(ada);
    await one.wait("Welcome");
    await using two = connect(bob);
    await two.wait("Welcome");
    const [first, second] = [await sessionOf(ada), await sessionOf(bob)];
    assert.ok(first && second && first.node.name !== second.node.name);
    await log.wait(
      new RegExp(
        `following ${[first, second]
          .map(({ node }) => node.name)
          .toSorted()
          .join(", ")}`,
      ),
    );
    const runs = async (client: TerminalClient, { node, session }: typeof first): Promise<void> => {
      client.press("F5");
      await log.wait(new RegExp(`info +${node.name} run started user=\\w+ session=${session} run=[0-9a-f]{8}`));
    };
    await runs(one, first);
    await runs(two, second);
    // The worker that has the follower's own connection must live.
    const here = /(\S+) somebody follows/.exec(log.screen().join("\n"))?.[1];
    const [client, user, there] = first.node.name === here ? [two, bob, second] : [one, ada, first];
    const gone = await workerOf(user);
    process.kill(gone, "SIGKILL");
    await log.wait(/\/primary worker ended ended=SIGKILL pid=\d+ worker=\d/);
    await log.wait(new RegExp(`following ${there.node.name}\\.`)); // the one that took its place
    await client.exited;
    await whole(gone);
    log.press("Ctrl-C");
    assert.equal(await log.exited, 0);
  });

  it("goes on in a worker that stood still for longer than its lease, with the keys that were typed meanwhile", async () => {
    const ada = await newPerson();
    await using client = connect(ada);
    await client.wait("Welcome");
    await typed(client, "# before ");
    const worker = await workerOf(ada);
    const lease = (): Promise<{ node: string; until_death: boolean }[]> =>
      database.database.query("SELECT node, until_death FROM node_lease WHERE pid = $1", [worker]);
    await eventually(async () => (await lease())[0]?.until_death === true);
    const before = await lease();
    process.kill(worker, "SIGSTOP");
    try {
      client.type("and typed ahead ");
      // As if it took longer than the lease; and the other worker looks at it meanwhile.
      await database.database.query(
        "UPDATE node_lease SET expires_at = clock_timestamp() - interval '1 second' WHERE pid = $1",
        [worker],
      );
      const [other] = await database.database.query<{ node: string }>("SELECT node FROM node_lease WHERE pid <> $1", [
        worker,
      ]);
      await database.database.query("SELECT lock_beat($1, 60, true)", [other?.node]);
      await database.database.query("SELECT * FROM lock_sweep('')");
    } finally {
      process.kill(worker, "SIGCONT");
    }
    await client.wait("# before and typed ahead");
    client.press("Ctrl-S");
    await client.wait("Saved welcome.py.");
    assert.deepEqual(await lease(), before);
  });

  it("loses only the sessions of a worker that is killed, and their people find their text in the next one", async () => {
    const [ada, bob] = [await newPerson(), await newPerson()];
    const unlucky = connect(ada);
    await unlucky.wait("Welcome");
    await using lucky = connect(bob);
    await lucky.wait("Welcome");
    assert.notEqual(await workerOf(ada), await workerOf(bob));
    await typed(unlucky, "# not saved ");
    await eventually(async () => (await kept(ada)).includes("# not saved"));
    await writeFile(join(data, "files", "Local", ada, "held.py"), "input('Go? ')\n");
    unlucky.press("Ctrl-O");
    await unlucky.wait("Open a file");
    unlucky.type("held.py\r");
    await unlucky.wait("Go?");
    unlucky.press("F5");
    await unlucky.wait("A program is running");
    assert.equal((await run(ada, "run held.py")).status, 5);
    const killed = await workerOf(ada);
    process.kill(killed, "SIGKILL");
    const begun = performance.now();
    await unlucky.exited;
    await eventually(async () => (await sessionOf(ada)) === undefined);
    await eventually(async () => (await run(ada, "run held.py")).status === 1);
    await unlucky.close();
    await using again = connect(ada);
    await again.wait("# not saved");
    await again.wait("unsaved changes are back");
    assert.ok(performance.now() - begun < leaseSeconds * 1000, "nobody waits for its lease to end");
    await typed(lucky, "# undisturbed ");
    await whole(killed);
  });

  it("takes a person whose relayed session is killed with its worker to a new session, on the same connection", async () => {
    const ada = await newPerson();
    const first = connect(ada);
    await first.wait("Welcome");
    const owner = await workerOf(ada);
    // Windows until one is relayed: connections are shared out.
    const windows: TerminalClient[] = [];
    try {
      for (let round = 0; round < 2; round++) {
        const client = connect(ada);
        windows.push(client);
        await client.wait("You are logged in already");
        client.type("s");
        await client.wait("F1 Help");
      }
      process.kill(owner, "SIGKILL");
      const ends = await Promise.all(
        windows.map((client) =>
          Promise.race([
            client.exited.then(() => "ended"),
            client.wait(/Resumed|in already|F1 Help/).then(() => "shown"),
          ]),
        ),
      );
      assert.ok(ends.includes("shown"), "the relayed window goes on");
      await eventually(async () => ![0, owner].includes(await workerOf(ada)));
    } finally {
      for (const client of [first, ...windows]) await client.close();
    }
    await whole(owner);
  });

  it("shows viewers on both workers the student's cells, and the one that is left her next session when hers is killed", async () => {
    const [ada, prof] = [await newPerson(), await newPerson("professor")];
    await using student = connect(ada);
    await student.wait("Welcome");
    const owner = await workerOf(ada);
    // Two connections in a row end up on two workers.
    const viewers = [connect(prof, `attach ${ada}`), connect(prof, `attach ${ada}`)] as const;
    try {
      await student.wait("2 viewers");
      await typed(student, "# for both ");
      student.press("F5");
      await student.wait("What is your name");
      student.press("F3");
      const part = { columns: 80, rows: 23 };
      for (const word of ["one ", "two ", "three "]) {
        student.type(word);
        await student.wait(word.trim());
        for (const viewer of viewers) await showsTheSame(student, viewer, part);
      }
      await eventually(async () => (await kept(ada)).includes("three"));
      process.kill(owner, "SIGKILL");
      const left = await Promise.race(
        viewers.map((viewer) => viewer.wait("can't be reached; waiting.").then(() => viewer)),
      );
      await whole(owner);
      await using again = connect(ada);
      await again.wait("for both one two three");
      await again.wait("1 viewer");
      await left.wait("Watching");
      await showsTheSame(again, left, part);
    } finally {
      for (const viewer of viewers) await viewer.close();
    }
  });

  it("counts the connections of an address once for all workers, and refuses the others in words", async () => {
    // Another address of this machine: the other tests' is not used up.
    const greeting = async (): Promise<string> => {
      const socket = connectSocket({ host: "127.0.0.1", port: server.port, localAddress: "127.0.0.9" });
      try {
        const [line] = (await once(socket, "data")) as [Buffer];
        return line.toString();
      } finally {
        socket.destroy();
      }
    };
    let taken = 0;
    let refusal = "";
    while (refusal === "") {
      // One that never begins to exchange keys is not counted.
      using client = new RawClient(server.port, "127.0.0.9");
      const came = await client.exchange("mlkem768x25519-sha256").then(
        () => true,
        () => false,
      );
      if (came) taken += 1;
      else refusal = await greeting();
    }
    assert.match(refusal, /Too many connections from your address\. Try again in a minute\./);
    // All at once; some more come free while the others are counted.
    assert.ok(taken >= connectionsPerMinute && taken < 2 * connectionsPerMinute, `${taken}`);
    await using other = connect(await newPerson());
    await other.wait("Welcome");
  });

  it("gives connections that a worker had not taken yet, when it was killed, to another one", async () => {
    const [stopped = 0] = await server.workers();
    process.kill(stopped, "SIGSTOP");
    // Half of them are the stopped worker's: one lies in its channel, the others are in a queue.
    const sockets = Array.from({ length: 12 }, () => connectSocket({ host: "127.0.0.1", port: server.port }));
    const greeted = sockets.map(untilGreeted);
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    // Whatever was handed over before them has been handed over now.
    await Promise.race(greeted);
    process.kill(stopped, "SIGKILL");
    assert.deepEqual(
      new Set((await Promise.all(greeted)).map((lines) => lines.at(-1))),
      new Set(["SSH-2.0-OpenSSH_compatible_classh"]),
    );
    for (const socket of sockets) socket.destroy();
    await whole(stopped);
  });

  it("resets nobody who comes in the moment after all workers were killed, and lets them log in", async () => {
    const ada = await newPerson();
    for (let round = 0; round < 2; round++) {
      const killed = await server.workers();
      for (const pid of killed) process.kill(pid, "SIGKILL");
      const sockets = Array.from({ length: 6 }, () => connectSocket({ host: "127.0.0.1", port: server.port }));
      const login = untilLetIn(ada);
      for (const lines of await Promise.all(sockets.map(untilGreeted))) {
        assert.deepEqual(lines, [
          "Part of classh is restarting; this takes a few seconds.",
          "SSH-2.0-OpenSSH_compatible_classh",
        ]);
      }
      for (const socket of sockets) socket.destroy();
      assert.match(await login, new RegExp(ada));
      for (const pid of killed) await whole(pid);
    }
  });

  /** Whoever has waited 15 s, which a busy machine needs for a new worker, is told to try again, and does. */
  async function untilLetIn(user: string): Promise<string> {
    for (;;) {
      const { status, stdout, stderr } = await run(user, "whoami");
      if (status === 0) return stdout;
      assert.match(stderr, /classh is restarting\. Try again in a minute\./);
    }
  }

  it("lets whoever comes while all workers are being replaced wait, and says so", async () => {
    const before = await server.workers();
    for (const pid of before) process.kill(pid, "SIGKILL");
    let successors: readonly number[] = [];
    await eventually(async () => {
      successors = (await server.workers()).filter((pid) => !before.includes(pid));
      // Each at once, however long the other's pause is: none can serve before we let it.
      for (const pid of successors) process.kill(pid, "SIGSTOP");
      return successors.length === 2;
    });
    const socket = connectSocket({ host: "127.0.0.1", port: server.port });
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    assert.deepEqual(await lines.next(), {
      done: false,
      value: "Part of classh is restarting; this takes a few seconds.",
    });
    socket.destroy();
    for (const pid of successors) process.kill(pid, "SIGCONT");
    await whole();
  });

  it("answers bin/classh and node drain; a drained worker's people are told, and it is replaced", async () => {
    const [boss, ada] = [await newPerson("admin"), await newPerson()];
    const client = connect(ada);
    await client.wait("Welcome");
    const owner = await workerOf(ada);
    const local = await runOnServer(data, ["node", "list", "--json"]);
    assert.equal(local.status, 0, local.stderr);
    const nodes = JSON.parse(local.stdout) as { name: string; pid: number; state: string; sessions: number }[];
    assert.equal(nodes.length, 2);
    assert.deepEqual(new Set(nodes.map(({ pid }) => pid)), new Set(await server.workers()));
    assert.ok(
      (JSON.parse((await runOnServer(data, ["status", "--json"])).stdout) as { sessions: number }).sessions >= 1,
    );
    const { nodes: figures, total } = JSON.parse((await runOnServer(data, ["metrics", "--json"])).stdout) as {
      nodes: { node: string; answers: boolean; memory: number; sessions: number }[];
      total: { sessions: number };
    };
    assert.deepEqual(
      figures.map(({ node, answers }) => `${node} ${answers}`).sort(),
      nodes.map(({ name }) => `${name} true`).sort(),
    );
    assert.ok(total.sessions >= 1 && figures.every(({ memory }) => memory > 2 ** 24));
    const name = nodes.find(({ pid }) => pid === owner)?.name ?? "";
    assert.equal((await run(boss, `node drain ${name}`)).status, 0);
    assert.match(
      (await runOnServer(data, ["audit", "list", "--action", "node.drain"])).stdout,
      new RegExp(`${boss} .*node\\.drain +${name} +ok`),
    );
    assert.equal(await client.exited, 0);
    assert.match(client.screen().join("\n"), /Your work is kept; log in again now/);
    await client.close();
    await whole(owner);
    await using again = connect(ada);
    await again.wait("Welcome");
  });

  it("ends in order at SIGTERM: everybody is told, status 0, nothing is left", async () => {
    const ada = await newPerson();
    const client = connect(ada);
    await client.wait("Welcome");
    await typed(client, "# kept over the end ");
    server.signal("SIGTERM");
    assert.equal(await client.exited, 0);
    assert.match(client.screen().join("\n"), /Your work is kept/);
    await client.close();
    assert.equal(await server.exited, 0);
    assert.deepEqual(await table.nodes(), []);
    assert.deepEqual(await readdir(join(data, "nodes.socket")), []);
    assert.deepEqual(await readdir(join(data, "run")), []);
    await writeFile(join(data, "nodes.socket", "4194305.sock"), "of a process that was killed");
    await start();
    assert.deepEqual(
      (await readdir(join(data, "nodes.socket"))).toSorted(),
      (await server.workers()).map((pid) => `${pid}.sock`).toSorted(),
    );
    await using again = connect(ada);
    await again.wait("# kept over the end");
  });

  it("survives a kill of the primary: the workers go, and a new server starts at once", async () => {
    const ada = await newPerson();
    const client = connect(ada);
    await client.wait("Welcome");
    await typed(client, "# outlives it ");
    const workers = await server.workers();
    server.signal("SIGKILL");
    await client.exited;
    await client.close();
    await server.exited;
    await start();
    await eventually(() => workers.every((pid) => !alive(pid)));
    await using again = connect(ada);
    await again.wait("# outlives it");
  });
});

/** What the server says to a client until it has introduced itself, or ends the connection. */
async function untilGreeted(socket: Socket): Promise<readonly string[]> {
  socket.on("error", () => undefined); // a connection that is reset ends without a greeting
  socket.write("SSH-2.0-test\r\n"); // the server lets the client speak first
  const lines: string[] = [];
  for await (const line of createInterface({ input: socket })) {
    lines.push(line);
    if (line.startsWith("SSH-")) break;
  }
  return lines;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * A server on another machine: processes in a pid namespace of their own, which is what makes a machine another one for classh.
 * The database, the network and the mounted files are shared, as they are between machines.
 */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Scope } from "../../src/base/scope.ts";
import { testDatabase, type TestDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";
import { passwordOf, testServer, type TestServer } from "../support/server.ts";
import { clientHome, commandLine, type ClientHome } from "../support/ssh-clients.ts";
import { openTerminalClient, type TerminalClient } from "../support/terminal-client.ts";
import { startServerProcess, type ServerProcess } from "./server-process.ts";

/** Of the locks, longer than any test waits. */
const leaseSeconds = 300;

describe("a server on another machine", () => {
  let scope: Scope;
  let database: TestDatabase;
  let home: ClientHome;
  let near: TestServer;
  let far: ServerProcess;

  before(async () => {
    scope = new Scope("machines");
    database = scope.own(await testDatabase());
    home = scope.own(await clientHome());
    const listen = "127.0.0.1:0";
    near = scope.own(
      await testServer({
        "database.url": database.url,
        "database.poolSize": 5,
        "cluster.name": "near",
        "cluster.listen": listen,
        "locks.leaseSeconds": leaseSeconds,
      }),
    );
    const data = await mkdtemp(join(tmpdir(), "classh-far-"));
    scope.defer(() => rm(data, { recursive: true, force: true, maxRetries: 5 }));
    const shared = ["files", "recovery"];
    for (const name of shared)
      for (const directory of [near.data, data]) await mkdir(join(directory, name), { recursive: true });
    far = scope.own(
      await startServerProcess(
        data,
        [],
        {
          DATABASE_URL: database.url,
          CLASSH_CLUSTER_WORKERS: "2",
          CLASSH_CLUSTER_NAME: "far",
          CLASSH_CLUSTER_LISTEN: listen,
          CLASSH_CLUSTER_KEY_FILE: join(near.data, "cluster-key"),
          CLASSH_DATABASE_POOL_SIZE: "4",
          CLASSH_DATABASE_RETRY_SECONDS: "60",
          CLASSH_LOCKS_LEASE_SECONDS: String(leaseSeconds),
          CLASSH_INITIAL_PASSWORD_CHANGE: "off",
        },
        [
          "/usr/bin/bwrap",
          "--dev-bind",
          "/",
          "/",
          ...shared.flatMap((name) => ["--bind", join(near.data, name), join(data, name)]),
          "--unshare-pid",
          "--proc",
          "/proc",
          "--die-with-parent",
          "--",
        ],
      ),
    );
  });
  after(() => scope.close());

  function connect(user: string): TerminalClient {
    const target = {
      host: "127.0.0.1",
      port: far.port,
      user,
      fingerprint: "",
      password: passwordOf(user),
      options: ["-t"],
    };
    const { file, args, env } = commandLine("openssh", target, home.directory);
    return openTerminalClient(file, args, { env: { ...env, TERM: "xterm-256color" } });
  }

  async function kept(user: string): Promise<string> {
    const directory = join(near.data, "recovery", user);
    // A file without its name yet is lost with its process.
    const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith(".jsonl"));
    return (await Promise.all(names.map((name) => readFile(join(directory, name), "utf8").catch(() => "")))).join("");
  }

  it("that is killed whole gives up its sessions and files long before their lease ends", async () => {
    await near.add("ada");
    const { cluster, locks } = near.server.services;
    assert.equal((await cluster.nodes()).length, 3);
    const lost = connect("ada");
    await lost.wait("Welcome");
    lost.press("F3");
    lost.type("# typed on the other machine ");
    await lost.wait("# typed on the other machine");
    await eventually(async () => (await kept("ada")).includes("# typed on the other machine"));
    assert.match((await cluster.directory.list("ada"))[0]?.node.name ?? "", /^far\//);
    await eventually(async () => (await locks.list()).length === 1);

    far.signal("SIGKILL");
    // Nobody waits that long here: it is the death that frees them.
    await eventually(async () => (await cluster.nodes()).length === 1);
    await lost.close();
    await eventually(async () => (await locks.list()).length === 0);
    await using again = await near.connect("ada");
    await again.wait("# typed on the other machine");
    await again.wait("unsaved changes are back");
    assert.deepEqual(
      (await cluster.directory.list("ada")).map(({ node }) => node.name),
      ["near"],
    );
  });
});

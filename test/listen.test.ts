/** Ports that only root may take: bin/listen takes one, bin/supervise keeps it, the server gets it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Scope } from "../src/base/scope.ts";
import { startServerProcess } from "./cluster/server-process.ts";
import { eventually } from "./support/eventually.ts";
import { programWords } from "./support/program.ts";
import { runCommandLine } from "./support/server-process.ts";

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const listen = path("bin/listen");

/** What the server says first to whoever connects. */
async function greeting(port: number): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  try {
    const [data] = (await once(socket, "data")) as [Buffer];
    return data.toString();
  } finally {
    socket.destroy();
  }
}

describe("a port that only root may take", () => {
  let scope: Scope;
  let data: string;
  beforeEach(async () => {
    scope = new Scope("listen test");
    data = await mkdtemp(join(tmpdir(), "classh-listen-"));
    scope.defer(() => rm(data, { recursive: true, force: true }));
  });
  afterEach(() => scope.close());

  it("is bound before root is given up", () => {
    // Root of a network of one's own may take any port of it.
    const network = ["--user", "--map-root-user", "--net", "--"];
    const serve = `const net = require("net"); net.createServer().listen({ fd: Number(process.env.SUPERVISE_LISTENER) }, function () { console.log(JSON.stringify(this.address())); process.exit(); });`;
    const given = spawnSync(
      "/usr/bin/unshare",
      [
        ...network,
        listen,
        "0.0.0.0",
        "22",
        "/usr/bin/setpriv",
        "--bounding-set=-all",
        "--inh-caps=-all",
        "--",
        process.execPath,
        "-e",
        serve,
      ],
      { encoding: "utf8" },
    );
    assert.equal(given.stderr, "");
    assert.deepEqual(JSON.parse(given.stdout), { address: "0.0.0.0", family: "IPv4", port: 22 });
    const both = spawnSync("/usr/bin/unshare", [...network, listen, "::", "22", process.execPath, "-e", serve], {
      encoding: "utf8",
    });
    assert.deepEqual(JSON.parse(both.stdout), { address: "::", family: "IPv6", port: 22 }, both.stderr);
  });

  it("is said to be in use in one sentence, and nothing starts", async () => {
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    for (const [host, sentence] of [
      ["127.0.0.1", "is already in use"],
      ["no-such-host.invalid", "can't be listened on"],
    ] as const) {
      const { status, stdout, stderr } = spawnSync(listen, [host, String(port), "/bin/echo", "started"], {
        encoding: "utf8",
      });
      assert.deepEqual([status, stdout], [1, ""]);
      assert.match(stderr, new RegExp(`^classh: ${host}:${port} ${sentence}[^\\n]*\\n {8}[^\\n]+\\n$`));
    }
    other.close();
  });

  for (const workers of ["1", "2"]) {
    it(`stays the server's when it is killed: who connects meanwhile waits for the next one, with --workers ${workers}`, async () => {
      const server = scope.own(
        await startServerProcess(join(data, "d"), ["--workers", workers], { CLASSH_ACCOUNTS_BCRYPT_COST: "4" }, [
          listen,
          "127.0.0.1",
          "0",
          path("bin/supervise"),
        ]),
      );
      assert.match(await greeting(server.port), /^SSH-2\.0-/);
      const primary = async (): Promise<string> =>
        (await readFile(`/proc/${server.pid}/task/${server.pid}/children`, "utf8")).trim();
      const first = await primary();
      process.kill(Number(first), "SIGKILL");
      assert.match(await greeting(server.port), /^SSH-2\.0-/);
      await eventually(async () => !["", first].includes(await primary()));
    });
  }

  it("is named once: of two nobody knows which is meant", async () => {
    const { status, output } = await runCommandLine([
      "serve",
      "--data",
      data,
      "--listen",
      "127.0.0.1:1",
      "--listen=127.0.0.1:2",
    ]);
    assert.deepEqual([status, output.split("\n")[0]], [2, "classh: --listen is given more than once"]);
  });

  it("is found in the flag, the environment and the settings, and only when it is one", () => {
    const asked = (environment: Record<string, string>, flag = ""): string =>
      spawnSync(process.execPath, [...programWords("server/privileged-port"), "", flag], {
        env: { PATH: "/usr/bin:/bin", ...environment },
        encoding: "utf8",
      }).stdout;
    assert.equal(asked({}, "[::]:1023"), ":: 1023\n");
    assert.equal(asked({ CLASSH_LISTEN: "0.0.0.0:443" }), "0.0.0.0 443\n");
    assert.equal(asked({ CLASSH_LISTEN: "0.0.0.0:443" }, "0.0.0.0:2222"), "");
  });
});

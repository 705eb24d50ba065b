/** deploy/haproxy.cfg, with a real HAProxy before a real server. */
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Scope } from "../../src/base/scope.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/free-port.ts";
import { passwordOf, testServer } from "../support/server.ts";
import { runSshClient } from "../support/ssh-clients.ts";

const file = fileURLToPath(new URL("../../deploy/haproxy.cfg", import.meta.url));
const program = "/usr/sbin/haproxy";

describe("deploy/haproxy.cfg", () => {
  it("is valid", () => {
    const { status, stdout, stderr } = spawnSync(program, ["-c", "-f", file], { encoding: "utf8" });
    assert.equal(status, 0, stdout + stderr);
  });

  it("leads to a server that answers, tells it whose connection it is, and leaves out one that does not", async () => {
    await using scope = new Scope("haproxy");
    const server = scope.own(await testServer({ "ssh.trustedProxies": ["127.0.0.1"] }));
    await server.add("ada");
    const directory = await mkdtemp(join(tmpdir(), "haproxy-"));
    scope.defer(() => rm(directory, { recursive: true, force: true }));
    const [port, figures, nobody] = [await freePort(), await freePort(), await freePort()];
    const config = (await readFile(file, "utf8"))
      .replace("bind :2222", `bind 127.0.0.1:${port}`)
      .replace("127.0.0.1:8405", `127.0.0.1:${figures}`)
      .replace("10.0.0.11:2222", `127.0.0.1:${nobody}`)
      .replace("10.0.0.12:2222", `127.0.0.1:${server.port}`);
    const changed = join(directory, "haproxy.cfg");
    await writeFile(changed, config);
    const child = spawn(program, ["-f", changed, "-db"], { stdio: "ignore" });
    const gone = once(child, "exit");
    scope.defer(async () => {
      child.kill();
      await gone;
    });
    const states = async (): Promise<string> =>
      await fetch(`http://127.0.0.1:${figures}/metrics`)
        .then((answer) => answer.text())
        .catch(() => "");
    await eventually(async () => {
      const text = await states();
      const is = (name: string, state: string): boolean =>
        text.includes(`haproxy_server_status{proxy="classh",server="${name}",state="${state}"} 1`);
      return is("node1", "DOWN") && is("node2", "UP");
    });
    // Another address of this machine than the balancer's own.
    const options = ["-b", "127.0.0.5"];
    const { fingerprint } = server.server;
    const login = { host: "127.0.0.1", port, fingerprint, user: "ada", password: passwordOf("ada"), options };
    const { status, stdout, stderr } = await runSshClient("openssh", { ...login, command: "whoami --json" });
    assert.equal(status, 0, stderr);
    assert.equal(JSON.parse(stdout).address, "127.0.0.5");
  });
});

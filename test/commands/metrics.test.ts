import assert from "node:assert/strict";
import { testServer, type TestServer } from "../support/server.ts";

describe("metrics", () => {
  let server: TestServer;
  before(async () => {
    server = await testServer();
    await server.add("boss", "admin");
    await server.add("tia", "ta");
    await server.add("ada");
  });
  after(() => server[Symbol.asyncDispose]());

  it("are figures of each process, for people, as a document, and as OpenMetrics", async () => {
    await using ada = await server.connect("ada");
    await ada.wait("F1 Help");
    await ada.wait("ready"); // Python has started
    const [people, json, open] = await Promise.all(
      ["metrics", "metrics --json", "metrics --openmetrics"].map((command) => server.run("tia", command)),
    );
    assert.match(
      people?.stdout ?? "",
      /^NODE +UP +SESSIONS .*\n\S+ +\d+ s +1 +0 +\d+ \(\d+ in\) +0 +\d+ +\d+ MiB +[\d.]+ s +[\d.]+ \/ [\d.]+ \/ [\d.]+ ms\n$/,
    );
    const { nodes, total } = JSON.parse(json?.stdout ?? "") as {
      nodes: Record<string, unknown>[];
      total: Record<string, number>;
    };
    assert.equal(nodes.length, 1);
    assert.equal(nodes[0]?.answers, true);
    assert.equal(total.sessions, 1);
    assert.ok((total.memory ?? 0) > 2 ** 24);
    const text = open?.stdout ?? "";
    // OpenMetrics 1.0: each family has its type before its samples, counters end in _total, the text in # EOF.
    assert.match(text, /\n# EOF\n$/);
    assert.match(text, /^# TYPE classh_sessions gauge\n# HELP classh_sessions .*\nclassh_sessions\{node="[^"]+"\} 1$/m);
    assert.match(text, /^# TYPE classh_cpu_seconds counter\n# HELP .*\nclassh_cpu_seconds_total\{node="[^"]+"\} \d/m);
    for (const line of text.split("\n"))
      assert.match(line, /^(# (TYPE|HELP) classh_[a-z0-9_]+ .+|classh_[a-z0-9_]+\{node="[^"]*"\} [-+.e\d]+|# EOF|)$/);
  });

  it("come in one format at a time, and not to students", async () => {
    assert.equal((await server.run("boss", "metrics --openmetrics --json")).status, 2);
    assert.equal((await server.run("ada", "metrics")).status, 3);
  });
});

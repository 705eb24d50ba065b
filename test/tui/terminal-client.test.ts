/** The harness is what other tests lean on: that it can fail, and that it loses nothing, is tested here. */
import assert from "node:assert/strict";
import { openTerminalClient } from "../support/terminal-client.ts";

describe("the terminal client of the tests", () => {
  it("types into a real program, sees its screen, colours and cursor", async () => {
    await using client = openTerminalClient("/bin/sh", [
      "-c",
      "printf '\\033[1;31mred\\033[m> '; read line; echo \"got $line\"; read rest",
    ]);
    await client.wait(/^red> $|^red>$/m);
    assert.deepEqual(client.cursor(), { row: 0, column: 5, visible: true });
    assert.equal(client.cell(0, 0).foreground, 1);
    assert.equal(client.cell(0, 0).bold, true);
    client.type("abc");
    client.press("Enter");
    await client.wait("got abc");
  });

  it("tells the program about a new size", async () => {
    await using client = openTerminalClient("/bin/sh", [
      "-c",
      "trap 'stty size' WINCH; echo ready; while :; do sleep 1 & wait $!; done",
    ]);
    await client.wait("ready");
    client.resize(100, 30);
    await client.wait("30 100");
  });

  it("has all output on the screen when the program has ended, and its status", async () => {
    for (let round = 0; round < 5; round++) {
      await using client = openTerminalClient("/bin/sh", ["-c", "seq 1 2000; echo last; exit 7"]);
      assert.equal(await client.exited, 7);
      assert.ok(client.screen().includes("last"), client.dump());
    }
  });

  it("fails with the screen when what it waits for does not come, or cannot any more", async () => {
    await using client = openTerminalClient("/bin/sh", ["-c", "echo something else; read line"]);
    await client.wait("something");
    await assert.rejects(client.wait("never", { timeLimit: 20 }), /waited 20 ms in vain for "never"[^]*something else/);
    const waiting = assert.rejects(client.wait("never"), /the command ended with status 0[^]*something else/);
    client.press("Enter");
    await waiting;
  });

  it("ends a program that ignores a hangup", async () => {
    const client = openTerminalClient("/bin/sh", ["-c", "trap '' HUP; echo ready; while :; do sleep 1; done"]);
    await client.wait("ready");
    await client.close();
    assert.equal(await client.exited, 128 + 9);
  });
});

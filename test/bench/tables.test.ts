/** The tables of the bench: what a peer that is missing looks like, and what was recorded at which commit. */
import assert from "node:assert/strict";
import { historyTables, type Entry } from "../../bench/history.ts";
import { parseOptions } from "../../bench/options.ts";
import { reportText } from "../../bench/report.ts";

describe("the bench's tables", () => {
  it("compare with each peer, and say which are not here and why", () => {
    const text = reportText({
      scenario: "echo",
      title: "echo: two people",
      peers: ["sshd + nano", "sshd + micro"],
      absent: { "sshd + micro": "there is no micro on this machine (apt-get install micro)" },
      rows: [{ what: "echo, p50", unit: "ms", classh: 3, peers: { "sshd + nano": 2 } }],
      details: {},
    });
    assert.match(text, /\| echo, p50 +\| ms +\| 3 +\| 2 +\| 1\.5 +\| not here +\| +\|/);
    assert.match(text, /^sshd \+ micro: there is no micro on this machine/m);
  });

  it("show what was recorded as ratios to each peer, a column for each commit", () => {
    const entry = (commit: string, classh: number): Entry => ({
      commit,
      at: "2026-11-30T12:00:00.000Z",
      node: "v20.20.2",
      cores: 2,
      scenario: "echo",
      size: 60,
      rows: [
        { what: "warm: CPU a key", unit: "us", classh, peers: { "sshd + nano": 100, "ssh2 echo": 50 } },
        { what: "Python and jail a session", unit: "MB", classh: 14 },
      ],
    });
    const text = historyTables([entry("aaa", 400), entry("bbb", 999), entry("bbb", 200)]);
    assert.match(text, /^echo, 60 people$/m);
    assert.match(text, /\| +\| beside +\| aaa +\| bbb +\|/);
    assert.match(text, /\| warm: CPU a key +\| sshd \+ nano +\| 4 +\| 2 +\|/);
    assert.match(text, /\| warm: CPU a key +\| ssh2 echo +\| 8 +\| 4 +\|/);
    // A figure without a peer says nothing about another machine or day.
    assert.doesNotMatch(text, /Python/);
  });
});

describe("the bench's options", () => {
  it("compare with everything unless told otherwise", () => {
    assert.deepEqual(parseOptions([])?.peers, ["sshd-nano", "sshd-micro", "ssh2-echo"]);
    assert.deepEqual(parseOptions(["--vs", "ssh2-echo", "--vs", "sshd-nano"])?.peers, ["sshd-nano", "ssh2-echo"]);
    assert.deepEqual(parseOptions(["--vs", "none"])?.peers, []);
    assert.throws(() => parseOptions(["--vs", "vim"]), /--vs knows/);
  });

  it("keep no figures of a quick run", () => {
    assert.throws(() => parseOptions(["--quick", "--record"]), /--record/);
  });
});

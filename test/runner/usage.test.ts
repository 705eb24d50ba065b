import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DiskCounter } from "../../src/runner/broker/counter.ts";
import { heldBySockets } from "../../src/runner/broker/sockets.ts";
import { countUsage, type TreeUsage, type UsageQuestion } from "../../src/runner/broker/tree-usage.ts";

function counted(question: UsageQuestion): TreeUsage {
  for (const walk = countUsage(question); ;) {
    const step = walk.next();
    if (step.done) return step.value;
  }
}

describe("the count of what a program keeps", () => {
  it("takes for new whatever was made since, though the kernel's times of files are behind", async () => {
    const directory = await mkdtemp(join(tmpdir(), "classh-usage-"));
    try {
      for (let round = 0; round < 100; round++) {
        const since = Date.now();
        await writeFile(join(directory, `${round}`), "");
        const { newEntries } = counted({ directories: [directory], since, maxEntries: 1000 });
        assert.ok(newEntries >= 1, `round ${round}`);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe("the thread that counts", () => {
  it("leaves nothing at a jail's signal when it has answered", async () => {
    const counter = new DiskCounter();
    const jail = new AbortController();
    const usage = { directories: [], since: 0, maxEntries: 1 };
    for (let look = 0; look < 3; look++) await counter.measure({ usage, hidden: undefined }, jail.signal);
    assert.equal(getEventListeners(jail.signal, "abort").length, 0);
  });
});

describe("what sockets hold", () => {
  const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
  const line = (state: string, sending: string, receiving: string): string =>
    `   0: 0100007F:1F90 0100007F:A3B2 ${state} ${sending}:${receiving} 00:00000000 00000000  1000        0 41 1 0000000000000000 20 4 30 10 -1`;
  const held = (lists: Readonly<Record<string, string>>, withUnix = false): number =>
    heldBySockets((name) => lists[name], withUnix);
  const some = "sockets: used 3\nTCP: inuse 2 orphan 0 tw 0 alloc 2 mem 1";

  it("is nothing where there are none, or nothing waits", () => {
    assert.equal(held({}), 0);
    assert.equal(held({ sockstat: some, tcp: [head, line("01", "00000000", "00000000"), ""].join("\n") }), 0);
  });

  it("counts a queue of TCP that is not empty as full, and a longer one twice", () => {
    assert.equal(
      held({ sockstat: some, tcp6: [head, line("01", "00000001", "00100000"), ""].join("\n") }),
      (128 << 10) + (2 << 20),
    );
  });

  it("takes the backlog of a listening socket for no bytes", () => {
    assert.equal(held({ sockstat: some, tcp: [head, line("0A", "00000000", "00000080"), ""].join("\n") }), 0);
  });

  it("counts UDP as the kernel does", () => {
    assert.equal(held({ sockstat: some, udp: [head, line("07", "00000100", "00000200"), ""].join("\n") }), 0x300);
  });

  it("counts UNIX sockets where it should, those of datagrams three times", () => {
    const unix = (type: string): string =>
      `Num RefCount Protocol Flags Type St Inode Path\n0000000000000000: 00000003 00000000 00000000 ${type} 03 17\n`;
    assert.equal(held({ sockstat: some, unix: unix("0001") }), 0);
    assert.ok(held({ sockstat: some, unix: unix("0001") }, true) > 0);
    assert.equal(
      held({ sockstat: some, unix: unix("0002") }, true),
      3 * held({ sockstat: some, unix: unix("0001") }, true),
    );
  });

  it("is too much with thousands of sockets, whatever they hold", () => {
    assert.equal(held({ sockstat: "sockets: used 5000" }), Number.POSITIVE_INFINITY);
  });
});

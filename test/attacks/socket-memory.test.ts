import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { Lab } from "../runner/support.ts";
import { attack } from "./attack.ts";

const maxWaitMs = 120_000;

/** What to take by (a function of takes-sockets.py), and in how many processes of how many pairs: far more than may be. */
const attacks = [
  {
    how: "tcp",
    attack: "fills TCP connections to itself, in children that sleep while the program waits for input",
    processes: 6,
    pairs: 100,
  },
  { how: "tcp6", attack: "fills TCP connections over IPv6", processes: 6, pairs: 100 },
  {
    how: "tcp-single-bytes",
    attack: "fills TCP connections with single bytes, each of which takes a buffer of its own",
    processes: 6,
    pairs: 100,
  },
  { how: "tcp-closed", attack: "fills TCP connections and closes the end that wrote", processes: 6, pairs: 150 },
  { how: "tcp-not-accepted", attack: "fills TCP connections that nobody accepts", processes: 6, pairs: 100 },
  { how: "udp", attack: "fills UDP sockets", processes: 6, pairs: 200 },
  { how: "udp6", attack: "fills UDP sockets over IPv6", processes: 6, pairs: 200 },
  { how: "unix", attack: "fills UNIX sockets", processes: 6, pairs: 115 },
  { how: "unix-datagrams", attack: "fills UNIX sockets with datagrams", processes: 6, pairs: 115 },
] as const;

/** One of each kind where the broker alone counts. */
const withoutGroups: ReadonlySet<string> = new Set(["tcp", "udp", "unix"]);

/** With control groups the kernel counts some of it; without, only the broker does. */
for (const cgroups of ["auto", "off"] as const) {
  describe(`memory in sockets, control groups ${cgroups}`, () => {
    let lab: Lab;
    before(async () => {
      // Only memory is to end a program here, however slow the machine is.
      lab = await Lab.open({ runner: { cgroups }, limits: { runSeconds: 600 } });
    });
    after(() => lab[Symbol.asyncDispose]());

    for (const { how, attack: title, processes, pairs } of attacks.filter(
      ({ how }) => cgroups === "auto" || withoutGroups.has(how),
    )) {
      attack({ area: "jail", attack: title, outcome: "is ended as out of memory" }, async () => {
        const stdin = new PassThrough();
        // Should nobody end it, it has its line at last, and says that it survived.
        const giveUp = setTimeout(() => stdin.end("\n"), maxWaitMs);
        const end = await lab.start("takes-sockets.py", stdin, { args: [how, String(processes), String(pairs)] }).end;
        clearTimeout(giveUp);
        assert.deepEqual(end.outcome, { kind: "out-of-memory", mebibytes: 128 }, JSON.stringify(end));
      });
    }

    it("leaves a program alone that serves and asks itself over TCP, HTTP, UDP and UNIX sockets", async () => {
      const end = await lab.run("takes-sockets.py", { args: ["honest", "0", "0"] });
      assert.deepEqual(end, { outcome: { kind: "exited", status: 0 }, stdout: "talked\n", stderr: "" });
    });
  });
}

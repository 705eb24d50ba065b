/** What strangers and pranksters do to the way in. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import ssh2 from "ssh2";
import { eventually } from "../support/eventually.ts";
import { passwordOf, testServer, type TestServer } from "../support/server.ts";
import { RawClient, text } from "../ssh/raw-client.ts";
import { SoftwareToken } from "../ssh/software-token.ts";
import { login, sendPayload, startServer, untilEmpty, type UnderTest } from "../ssh/server-under-test.ts";
import { attack } from "./attack.ts";

const hybrid = "mlkem768x25519-sha256";
const serviceRequest = Buffer.concat([Buffer.from([5]), text("ssh-userauth")]);

describe("attacks on the way in: the protocol", () => {
  const token = new SoftwareToken("sk-ssh-ed25519@openssh.com");
  let under: UnderTest;
  before(async () => {
    under = await startServer({
      handlers: { publicKey: async ({ blob }) => (blob.equals(token.blob) ? "Ada" : undefined) },
    });
  });
  after(async () => {
    await under[Symbol.asyncDispose]();
  });
  /** The others come in as before. */
  const serves = async (): Promise<void> => {
    using other = await login(under);
    assert.deepEqual(other.errors, []);
    other.client.end();
  };

  attack(
    {
      area: "login",
      attack: "asks for the login service without end",
      outcome: "its connection ends after 100 requests",
    },
    async () => {
      using client = new RawClient(under.port);
      await client.exchange(hybrid);
      for (let count = 0; count < 200; count += 1) client.send(serviceRequest);
      let answers = 0;
      await assert.rejects(async () => {
        for (;;) if ((await client.receive())[0] === 6) answers += 1;
      });
      assert.ok(answers <= 100, `${answers}`); // the last ones may be lost with the connection
      await serves();
    },
  );

  attack(
    { area: "login", attack: "asks for the login service again after it is in", outcome: "its connection ends" },
    async () => {
      using inside = await login(under);
      sendPayload(inside.client, serviceRequest);
      await inside.closed;
      await serves();
    },
  );

  attack(
    { area: "login", attack: "sends an invalid post-quantum key in the key exchange", outcome: "its connection ends" },
    async () => {
      using client = new RawClient(under.port);
      await assert.rejects(client.exchange(hybrid, (half) => Buffer.from(half).fill(0xff, 0, 1152)));
      await untilEmpty(under);
      await serves();
    },
  );

  attack(
    {
      area: "login",
      attack: "sends a point in the key exchange that makes the classical half of the secret zero",
      outcome: "its connection ends",
    },
    async () => {
      using client = new RawClient(under.port);
      await assert.rejects(client.exchange(hybrid, (half) => Buffer.from(half).fill(0, 1184)));
      await serves();
    },
  );

  attack(
    { area: "login", attack: "signs with a borrowed security token that nobody touched", outcome: "is refused" },
    async () => {
      assert.equal(await token.tryToLogIn(under, { flags: 0 }), "refused");
      assert.equal(await token.tryToLogIn(under), "in");
    },
  );
});

describe("attacks on the way in: floods and guesses", () => {
  const here = "127.0.0.1";
  const elsewhere = "127.0.9.9";
  let server: TestServer;
  before(async () => {
    server = await testServer({
      "ssh.startupsPerAddress": 20,
      "ssh.startupsPerNetwork": 25,
      "ssh.maxStartups.start": 20,
      "ssh.maxStartups.full": 40,
      "ssh.connectionsPerMinute": 100_000,
      "ssh.introductionSeconds": 600,
      "ssh.loginGraceSeconds": 600,
    });
    await server.add("ada");
    await server.add("alan");
  });
  after(() => server[Symbol.asyncDispose]());

  /** Logs in; resolves with false when the server says no or hangs up. */
  async function logIn(username: string, password: string, localAddress = here): Promise<boolean> {
    const client = new ssh2.Client();
    const ended = new Promise<boolean>((resolve) => {
      client.once("ready", () => resolve(true));
      client.on("error", () => resolve(false));
      client.once("close", () => resolve(false));
    });
    client.connect({ host: "127.0.0.1", port: server.port, localAddress, username, password, readyTimeout: 0 });
    const ready = await ended;
    client.destroy();
    return ready;
  }

  /** Does it over and over, so many at once, while `meanwhile` runs; it begins when the first of them have failed. */
  async function flood(
    count: number,
    once: (index: number) => Promise<boolean>,
    meanwhile: () => Promise<void>,
  ): Promise<void> {
    const stop = new AbortController();
    let done = 0;
    const run = async (index: number): Promise<void> => {
      for (let round = 0; !stop.signal.aborted; round += 1) {
        assert.equal(await once(index * 1000 + round), false);
        done += 1;
      }
    };
    const all = Promise.all(Array.from({ length: count }, (_, index) => run(index)));
    try {
      await Promise.race([eventually(() => done >= count), all]);
      await meanwhile();
    } finally {
      stop.abort();
      await all;
    }
  }

  attack(
    {
      area: "login",
      attack: "guesses Ada's password from Ada's own address, over many connections, again and again on each",
      outcome: "Ada gets in with the right password at the first try",
    },
    async () => {
      await flood(
        8,
        () => logIn("ada", "a wrong guess"),
        async () => {
          for (let count = 0; count < 3; count += 1) assert.ok(await logIn("ada", passwordOf("ada")));
        },
      );
    },
  );

  attack(
    { area: "login", attack: "guesses invented names from one address", outcome: "others get in, there and elsewhere" },
    async () => {
      await flood(
        8,
        (index) => logIn(`invented-${index}`, "a wrong guess"),
        async () => {
          assert.ok(await logIn("ada", passwordOf("ada")));
          assert.ok(await logIn("alan", passwordOf("alan"), elsewhere));
        },
      );
    },
  );

  /** Connections that say nothing, or only what is given; what they read is kept. */
  function crowd(
    count: number,
    localAddress: string,
    words = "",
  ): { readonly sockets: Socket[]; readonly read: () => string[] } {
    const read: string[] = Array.from({ length: count }, () => "");
    const sockets = read.map((_, index) => {
      const socket = connect({ host: "127.0.0.1", port: server.port, localAddress });
      socket.on("error", () => socket.destroy());
      socket.on("data", (bytes) => (read[index] += bytes.toString("latin1")));
      socket.on("end", () => socket.destroy());
      if (words) socket.write(words);
      return socket;
    });
    return { sockets, read: () => read };
  }

  async function besideCrowd(crowded: ReturnType<typeof crowd>, body: () => Promise<void>): Promise<void> {
    try {
      await eventually(() => crowded.read().every((text) => text.startsWith("SSH-2.0-")));
      await body();
    } finally {
      for (const socket of crowded.sockets) socket.destroy();
      await eventually(() => server.server.services.connections().open === 0);
    }
  }

  attack(
    {
      area: "login",
      attack: "opens 100 connections from one address and says nothing",
      outcome: "others get in; the address is told that it has too many",
    },
    async () => {
      const silent = crowd(100, elsewhere);
      await besideCrowd(silent, async () => {
        for (const name of ["ada", "alan"]) assert.ok(await logIn(name, passwordOf(name)));
        assert.ok(
          silent.read().some((text) => text.includes("Too many connections from your address are waiting to log in")),
        );
      });
    },
  );

  attack(
    {
      area: "login",
      attack: "opens 20 connections from Ada's own address and says nothing",
      outcome: "the one that has waited the longest gives way to Ada",
    },
    async () => {
      const silent = crowd(20, here);
      await besideCrowd(silent, async () => {
        await eventually(async () => {
          assert.ok(await logIn("ada", passwordOf("ada")));
          return silent.read().some((text) => text.includes("yours has waited the longest"));
        });
      });
    },
  );

  attack(
    { area: "login", attack: "introduces itself on 100 connections and then says nothing", outcome: "others get in" },
    async () => {
      await besideCrowd(crowd(100, elsewhere, "SSH-2.0-silent\r\n"), async () =>
        assert.ok(await logIn("ada", passwordOf("ada"))),
      );
    },
  );

  for (const [what, words] of [
    ["introduces itself and hangs up", "SSH-2.0-silent\r\n"],
    ["says nothing and hangs up", ""],
  ] as const) {
    attack(
      {
        area: "login",
        attack: `${what}, a thousand times a minute, from Ada's own address`,
        outcome: "Ada gets in: connections that cost nothing do not count towards the limit per minute",
      },
      async () => {
        await using narrow = await testServer({ "ssh.connectionsPerMinute": 10 });
        await narrow.add("ada");
        for (let count = 0; count < 60; count += 1) {
          const socket = connect({ host: "127.0.0.1", port: narrow.port });
          await once(socket, "data");
          socket.end(words);
          await once(socket.resume(), "close");
        }
        await eventually(() => narrow.server.services.connections().open === 0);
        assert.equal((await narrow.run("ada", "whoami")).status, 0);
        // What we compute for does count.
        const exchanges = await Promise.all(
          Array.from({ length: 30 }, async () => {
            using client = new RawClient(narrow.port);
            return await client.exchange(hybrid).then(
              () => true,
              () => false,
            );
          }),
        );
        assert.ok(exchanges.filter(Boolean).length <= 12, `${exchanges.filter(Boolean).length}`);
      },
    );
  }

  attack(
    {
      area: "login",
      attack: "opens connections from every address of a network",
      outcome: "the network is held to its share; others get in",
    },
    async () => {
      const many = Array.from({ length: 60 }, (_, index) => crowd(1, `127.0.9.${index + 10}`));
      const all = { sockets: many.flatMap(({ sockets }) => sockets), read: () => many.flatMap(({ read }) => read()) };
      await besideCrowd(all, async () => assert.ok(await logIn("ada", passwordOf("ada"))));
    },
  );
});

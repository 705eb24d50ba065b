/** What strangers and pranksters do to the way in. */
import assert from "node:assert/strict";
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
    under = await startServer({ handlers: { publicKey: async ({ blob }) => (blob.equals(token.blob) ? "Ada" : undefined) } });
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

  attack({ area: "login", attack: "asks for the login service without end", outcome: "its connection ends after 100 requests" }, async () => {
    using client = new RawClient(under.port);
    await client.exchange(hybrid);
    for (let count = 0; count < 200; count += 1) client.send(serviceRequest);
    let answers = 0;
    await assert.rejects(async () => {
      for (;;) if ((await client.receive())[0] === 6) answers += 1;
    });
    assert.equal(answers, 100);
    await serves();
  });

  attack({ area: "login", attack: "asks for the login service again after it is in", outcome: "its connection ends" }, async () => {
    using inside = await login(under);
    sendPayload(inside.client, serviceRequest);
    await inside.closed;
    await serves();
  });

  attack({ area: "login", attack: "exchanges keys with a post-quantum key that is none", outcome: "its connection ends" }, async () => {
    using client = new RawClient(under.port);
    await assert.rejects(client.exchange(hybrid, (half) => Buffer.from(half).fill(0xff, 0, 1152)));
    await untilEmpty(under);
    await serves();
  });

  attack({ area: "login", attack: "exchanges keys with a point that makes the classic half of the secret zero", outcome: "its connection ends" }, async () => {
    using client = new RawClient(under.port);
    await assert.rejects(client.exchange(hybrid, (half) => Buffer.from(half).fill(0, 1184)));
    await serves();
  });

  attack({ area: "login", attack: "signs with a borrowed security token that nobody touched", outcome: "is refused" }, async () => {
    assert.equal(await token.tryToLogIn(under, { flags: 0 }), "refused");
    assert.equal(await token.tryToLogIn(under), "in");
  });
});

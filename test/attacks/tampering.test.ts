/** Somebody between a person and the server changes what they send each other. test/ssh/chacha/packets.test.ts tries each bit of a packet; here are whole connections. */
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { insides, login, run, startServer, untilEmpty } from "../ssh/server-under-test.ts";
import { attack } from "./attack.ts";

describe("attack: somebody on the way between client and server", () => {
  const cipher = "chacha20-poly1305@openssh.com";
  // ssh2's client writes length, text and tag of a packet by themselves.
  for (const [part, place, byte] of [
    [0, "length", 2],
    [1, "text", 7],
    [2, "tag", 13],
  ] as const) {
    attack(
      {
        area: "connection",
        attack: `changes a bit of a packet's ${place} (${cipher}) on its way`,
        outcome: "this connection ends, and nothing of the packet is obeyed",
      },
      async () => {
        await using under = await startServer();
        using ada = await login(under, { algorithms: { cipher: [cipher] } });
        using other = await login(under, { algorithms: { cipher: [cipher] } });
        const socket: Socket = insides(ada.client)._sock;
        const write = socket.write.bind(socket);
        let writes = 0;
        socket.write = ((bytes: Buffer) => {
          const sent = Buffer.from(bytes);
          if (writes === part) sent[byte] = (sent[byte] ?? 0) ^ 0x10;
          writes += 1;
          return write(sent);
        }) as Socket["write"];
        for (let count = 0; count < 2000; count += 1) ada.client.exec("echo never", () => undefined); // a length that was made larger waits for more
        await ada.closed;
        assert.equal(under.commands.length, 0);
        assert.equal((await run(other.client, "echo in")).stdout, "in\n");
        other.client.destroy();
        await untilEmpty(under);
      },
    );
  }
});

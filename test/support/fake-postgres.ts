/** A server that speaks just enough of PostgreSQL's protocol (manual, chapter 54) to tell its version, whatever it is asked. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";

export interface FakePostgres extends AsyncDisposable {
  readonly url: string;
  /** Ends the next connection with the very bytes that say it is ready. */
  breakNext(): void;
}

/** Claims to be version `name`, as `SELECT number, name` would show it; ends the first `broken` connections with the very bytes that say it is ready. */
export async function fakePostgres(number: number, name: string, { broken = 0 } = {}): Promise<FakePostgres> {
  const two = Buffer.from([0, 2]);
  const ready = message("Z", Buffer.from("I"));
  const answer = Buffer.concat([
    message("1", Buffer.alloc(0)),
    message("2", Buffer.alloc(0)),
    message("T", Buffer.concat([two, column("number", 23), column("name", 25)])),
    message("D", Buffer.concat([two, value(String(number)), value(name)])),
    message("C", Buffer.from("SELECT 1\0")),
    ready,
  ]);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => socket.destroy());
    socket.once("data", () => {
      const greeting = Buffer.concat([message("R", Buffer.alloc(4)), ready]);
      if (broken > 0)
        socket.end(Buffer.concat([greeting, message("E", Buffer.from("SFATAL\0C57P01\0Mterminating connection\0\0"))]));
      else socket.on("data", () => socket.write(answer)).write(greeting);
      broken -= 1;
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return {
    url: `postgresql://classh@127.0.0.1:${address.port}/classh`,
    breakNext() {
      broken = 1;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function column(name: string, type: number): Buffer {
  const rest = Buffer.alloc(18);
  rest.writeInt32BE(type, 6);
  return Buffer.concat([Buffer.from(`${name}\0`), rest]);
}

function value(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(text.length);
  return Buffer.concat([length, Buffer.from(text)]);
}

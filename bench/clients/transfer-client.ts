/** A client process: one person who gives commands over exec, with much to send or to receive. */
import { randomBytes } from "node:crypto";
import type ssh2 from "ssh2";
import { serveCalls } from "../base/worker.ts";
import type { Target } from "../servers/target.ts";
import { connect } from "./connection.ts";

export interface TransferRequest {
  readonly command: string;
  /** Bytes for its standard input. */
  readonly send: number;
  /** Bytes that it has to write, at least. */
  readonly receive: number;
}

const chunk = randomBytes(256 << 10);
let client: ssh2.Client | undefined;

const calls = {
  async logIn(target: Target): Promise<void> {
    client = await connect(target);
  },

  /** Milliseconds from the command to its exit status. Rejects unless that is 0 and everything has come. */
  async give({ command, send, receive }: TransferRequest): Promise<number> {
    const begin = performance.now();
    const channel = await open(command);
    let received = 0;
    let errors = "";
    channel.on("data", (data: Buffer) => void (received += data.length));
    channel.stderr.on("data", (data: Buffer) => void (errors += data.toString()));
    const status = new Promise<number | null>((resolve) => void channel.once("exit", resolve));
    const closed = new Promise<void>((resolve) => void channel.once("close", () => resolve()));
    await feed(channel, send);
    const result = await Promise.race([status, closed.then(() => null)]);
    await closed;
    if (result !== 0 || received < receive)
      throw new Error(`${command} ended with ${result} after ${received} bytes: ${errors}`);
    return performance.now() - begin;
  },
};

export type TransferCalls = typeof calls;

async function open(command: string): Promise<ssh2.ClientChannel> {
  return await new Promise((resolve, reject) => {
    if (!client) return reject(new Error("nobody is logged in"));
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)));
  });
}

/** Writes as fast as the server reads, and ends the input. */
async function feed(channel: ssh2.ClientChannel, bytes: number): Promise<void> {
  for (let left = bytes; left > 0; left -= chunk.length)
    if (!channel.write(chunk.subarray(0, Math.min(left, chunk.length))))
      await new Promise<void>((resolve) => void channel.once("drain", () => resolve()));
  channel.end();
}

serveCalls(calls);

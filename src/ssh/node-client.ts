/**
 * The calling side of node-server.ts: one connection for each stream, so that a failure of one does not affect another.
 */
import { createConnection, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2 from "ssh2";
import { UserError } from "../base/errors.ts";
import { algorithms } from "./algorithms.ts";
import { useOwnChacha } from "./chacha/install.ts";
import { nodeUser, publicBlob, type NodeListen } from "./node-server.ts";

/** Where to call, and what for. */
export interface NodeCall {
  readonly where: NodeListen;
  /** Private key of the cluster: it proves who we are, and the other side has to prove that it has it, too. */
  readonly key: string;
  readonly subsystem: string;
}

/** How long a silent node is waited for. */
const patienceMs = 5000;

/**
 * A stream to a node; when it closes, so does its connection. Rejects with `node-unreachable` when nobody answers, or
 * nobody with the cluster's key.
 */
export async function callNode({ where, key, subsystem }: NodeCall): Promise<Duplex> {
  const client = new ssh2.Client();
  const socket = createConnection("path" in where ? where : { ...where, noDelay: true, keepAlive: true });
  const ours = publicBlob(key);
  let stream: Duplex | undefined;
  try {
    stream = await new Promise<Duplex>((resolve, reject) => {
      socket.once("error", reject);
      client.on("error", reject); // stays: an error without a listener would end the process
      client.once("close", () => reject(new Error("the connection was closed")));
      client.once("ready", () =>
        client.subsys(subsystem, (error, opened) => (error ? reject(error) : resolve(opened))),
      );
      client.connect({
        sock: socket,
        username: nodeUser,
        privateKey: key,
        readyTimeout: patienceMs,
        keepaliveInterval: 15_000,
        keepaliveCountMax: 3,
        algorithms,
        hostVerifier: (offered: Buffer) => offered.equals(ours),
      });
      useOwnChacha(client);
    });
    return tied(stream, client, socket);
  } catch (cause) {
    client.end();
    socket.destroy();
    throw new UserError(
      "node-unreachable",
      "the server that has this session can't be reached",
      "Try again in a few seconds.",
      { cause },
    );
  }
}

function tied(stream: Duplex, client: ssh2.Client, socket: Socket): Duplex {
  stream.on("error", () => socket.destroy());
  stream.once("close", () => client.end());
  // ssh2 closes the streams of a broken connection, but not in every case before the socket's own "close".
  socket.once("close", () => stream.destroy());
  return stream;
}

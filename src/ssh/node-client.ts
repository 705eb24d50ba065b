/** The calling side of node-server.ts: one connection for each stream, so that nothing that goes wrong on one touches another. */
import { createConnection, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import ssh2 from "ssh2";
import { UserError } from "../base/errors.ts";
import { algorithms } from "./algorithms.ts";
import { useOwnChacha } from "./chacha/install.ts";
import { nodeUser, publicBlob, type NodeListen } from "./node-server.ts";

export interface NodeCall {
  readonly where: NodeListen;
  /** The cluster's private key: it proves who we are, and the other side has to prove that it has it, too. */
  readonly key: string;
  readonly subsystem: string;
}

/** Milliseconds until a node that says nothing counts as out of reach. */
const patience = 5000;

/**
 * Opens a stream to a node; when the stream closes, so does the connection. Throws `node-unreachable` when nobody answers
 * there, or nobody with the cluster's key.
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
        readyTimeout: patience,
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
  // ssh2 closes the streams of a connection that breaks, but not before the socket's own "close" in every case.
  socket.once("close", () => stream.destroy());
  return stream;
}

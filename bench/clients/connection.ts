/** A login over a real connection of the ssh2 library, which agrees with a server on what OpenSSH's client would. */
import { createConnection } from "node:net";
import ssh2 from "ssh2";
import { useOwnChacha } from "../../src/ssh/chacha/install.ts";
import { patienceMs } from "../base/worker.ts";
import type { Target } from "../servers/target.ts";

/**
 * What OpenSSH prefers, in its order (ssh_config(5)), as far as ssh2 has it: not the key exchanges that are safe from quantum computers, with
 * which a login costs both sides some milliseconds more.
 */
const algorithms: ssh2.Algorithms = {
  kex: ["curve25519-sha256", "curve25519-sha256@libssh.org"],
  serverHostKey: ["ssh-ed25519"],
  cipher: ["chacha20-poly1305@openssh.com"],
  hmac: ["hmac-sha2-256-etm@openssh.com"],
  compress: ["none"],
};

/** Logs in. Rejects when the server does not let that be. Later errors of the connection are told by its "close" alone. */
export async function connect({ port, username, login }: Target): Promise<ssh2.Client> {
  // ssh2 leaves Nagle's algorithm on; every interactive client turns it off.
  const socket = createConnection({ host: "127.0.0.1", port, noDelay: true });
  const client = new ssh2.Client();
  return await new Promise((resolve, reject) => {
    const fail = (error: Error): void => {
      client.destroy();
      reject(new Error(`${username} could not log in: ${error.message}`, { cause: error }));
    };
    client.on("error", fail);
    socket.on("error", fail);
    client.once("close", () => fail(new Error("the connection was closed")));
    client.once("ready", () => resolve(client));
    const secret = login.kind === "key" ? { privateKey: login.privateKey } : { password: login.password };
    client.connect({ sock: socket, username, ...secret, readyTimeout: patienceMs, algorithms });
    // A client in C takes a microsecond for what ssh2 takes 50 for: the server is to be measured.
    useOwnChacha(client);
  });
}

/** A program: an ssh2 server that shows a file and then sends back what it is sent. What is under any IDE that this library carries. */
import { createServer, type AddressInfo } from "node:net";
import ssh2 from "ssh2";
import { algorithms } from "../../src/ssh/algorithms.ts";
import { useOwnChacha } from "../../src/ssh/chacha/install.ts";
import { newKey } from "./keys.ts";
import { benchFile } from "./target.ts";

const screen = benchFile.replaceAll("\n", "\r\n");

const server = new ssh2.Server({ hostKeys: [newKey().private], algorithms }, (client) => {
  useOwnChacha(client);
  client.on("error", () => undefined);
  client.on("authentication", (context) => (context.method === "none" ? context.reject() : context.accept()));
  client.on("session", (accept) => {
    const session = accept();
    session.on("pty", (acceptTerminal) => acceptTerminal?.());
    session.on("shell", (acceptShell) => {
      const channel = acceptShell();
      channel.on("error", () => undefined);
      channel.write(screen);
      channel.on("data", (data: Buffer) => void channel.write(data));
    });
  });
});
// Without delay, as classh and sshd have it.
const listener = createServer({ noDelay: true }, (socket) => server.injectSocket(socket));
listener.listen(0, "127.0.0.1", () => {
  const { port } = listener.address() as AddressInfo;
  process.stdout.write(`listening on ${port}\n`);
});
process.on("SIGTERM", () => process.exit(0));

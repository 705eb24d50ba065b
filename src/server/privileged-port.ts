/**
 * Prints HOST PORT for bin/start, which asks as the service account, when the server is to listen where only root may;
 * nothing for a port that everybody may use. Usage: node privileged-port.js SETTINGS-FILE LISTEN, each of which may be
 * empty.
 */
import { processEnvironment } from "../config/environment.ts";
import { loadSettings } from "../config/load.ts";
import { parseListen } from "../ssh/listen.ts";

/** The first port that everybody may use (ip(7)). */
const firstUnprivileged = 1024;

const [file, flag] = process.argv.slice(2);
const { listen } = loadSettings({
  file: file || undefined,
  environment: processEnvironment(),
  flags: { listen: flag || undefined },
});
const { host, port } = parseListen(listen);
if (port > 0 && port < firstUnprivileged) process.stdout.write(`${host} ${port}\n`);

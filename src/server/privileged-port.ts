/**
 * Prints for bin/start, which asks as the service account, where the server is to listen when only root may listen there: HOST PORT;
 * nothing for a port that everybody may take.
 *   node privileged-port.js SETTINGS-FILE LISTEN      each may be empty
 */
import { processEnvironment } from "../config/environment.ts";
import { loadSettings } from "../config/load.ts";
import { parseListen } from "../ssh/listen.ts";

/** Ports from here on are everybody's (ip(7)). */
const firstUnprivileged = 1024;

const [file, flag] = process.argv.slice(2);
const { listen } = loadSettings({
  file: file || undefined,
  environment: processEnvironment(),
  flags: { listen: flag || undefined },
});
const { host, port } = parseListen(listen);
if (port > 0 && port < firstUnprivileged) process.stdout.write(`${host} ${port}\n`);

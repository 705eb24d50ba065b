/** Starts the embedded server on the directory given, says its process and URL as a line of JSON, and waits to be killed. */
import { silentLog } from "../../../src/base/log.ts";
import { startEmbeddedPostgres } from "../../../src/db/embedded.ts";

const directory = process.argv[2];
if (directory === undefined) throw new Error("usage: starter DIRECTORY");
const { pid, url, adopted } = await startEmbeddedPostgres({ directory, log: silentLog, durable: false });
process.stdout.write(`${JSON.stringify({ pid, url, adopted })}\n`);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));

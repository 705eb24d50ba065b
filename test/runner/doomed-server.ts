/** A server that runs an endless program, prints its broker's pid and its directory, and waits to be killed. */
import { Lab } from "./support.ts";

const lab = await Lab.open();
const console = lab.console();
console.console.runFile("/home/ada/ignores-signals.py");
await console.prints("deaf");
process.stdout.write(`${JSON.stringify({ broker: lab.runner.brokerPid, directory: lab.directory })}\n`);

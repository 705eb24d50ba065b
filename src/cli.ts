#!/usr/bin/env node
/** The entry of the program; command-line.ts can so be imported by tests without running anything. */
// ssh logins hash passwords on libuv's pool; with its default of 4 threads they hold up everybody's file operations. This has
// to be set before the pool is first used, so before anything else is imported.
import { widenThreadPool } from "./config/environment.ts";

widenThreadPool();
const { main } = await import("./server/command-line.ts");
process.exitCode = await main(process.argv.slice(2));
// A server that was told to end must end, even if a library holds a timer.
process.exit();

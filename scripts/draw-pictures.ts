/**
 * Draws the README's pictures anew: `npm run pictures`. As root it draws as the account `classh`, since neither classh nor PostgreSQL runs as root.
 * With --print it writes the pictures to standard output, as one JSON object by file name.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { serviceAccount } from "../bench/servers/account.ts";
import { stopTestDatabase } from "../test/support/database.ts";
import { drawScene } from "./pictures/draw.ts";
import { scenes } from "./pictures/scenes.ts";

if (process.argv.includes("--print")) await print();
else await write();

async function print(): Promise<void> {
  const pictures: Record<string, string> = {};
  for (const scene of scenes) pictures[scene.file] = await drawScene(scene);
  await stopTestDatabase();
  process.stdout.write(JSON.stringify(pictures));
}

async function write(): Promise<void> {
  const account = await serviceAccount();
  const words = ["--import", import.meta.resolve("tsx"), fileURLToPath(import.meta.url), "--print"];
  const env = { PATH: process.env.PATH, HOME: tmpdir(), TMPDIR: tmpdir(), LANG: "C.UTF-8" };
  const child = spawn(process.execPath, words, { ...account, env, stdio: ["ignore", "pipe", "inherit"] });
  const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (child.exitCode !== 0) throw new Error("drawing failed; the lines above say why");
  for (const [name, svg] of Object.entries(JSON.parse(output) as Record<string, string>)) {
    const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, svg);
  }
}

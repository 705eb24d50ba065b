/**
 * Draws the README's pictures anew: `npm run pictures`. As root it draws as the account `classh`, since neither classh nor PostgreSQL runs as root.
 * With --print it writes the pictures to standard output, as one JSON object by file name.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Account } from "../bench/base/child.ts";
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
  // Of its own: in the common one other accounts' databases of tests may lie, and our tests look for what was left there.
  const directory = mkdtempSync(join(tmpdir(), "classh-"));
  try {
    if (account) chownSync(directory, account.uid, account.gid);
    keep(await drawn(directory, account));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** What a process of its own prints: a picture by the name of its file. */
async function drawn(directory: string, account: Account | undefined): Promise<Readonly<Record<string, string>>> {
  const words = ["--import", import.meta.resolve("tsx"), fileURLToPath(import.meta.url), "--print"];
  const env = { PATH: process.env.PATH, HOME: directory, TMPDIR: directory, LANG: "C.UTF-8" };
  const child = spawn(process.execPath, words, { ...account, env, stdio: ["ignore", "pipe", "inherit"] });
  const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (child.exitCode !== 0) throw new Error("drawing failed; the lines above say why");
  return JSON.parse(output) as Record<string, string>;
}

function keep(pictures: Readonly<Record<string, string>>): void {
  for (const [name, svg] of Object.entries(pictures)) {
    const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, svg);
  }
}

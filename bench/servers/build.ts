/** The bench measures what is shipped: the compiled server. */
import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** The checkout. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Builds the server where the build is missing or older than a source file. bin/test has built it already. */
export async function ensureBuilt(): Promise<void> {
  if (process.env.TEST_BUILT === "yes") return;
  const built = await stat(`${root}dist/cli.js`).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  if (built > (await newestSource())) return;
  process.stderr.write("building\n");
  try {
    await promisify(execFile)("npm", ["run", "--silent", "build"], { cwd: root });
  } catch (cause) {
    throw new Error(`the build failed:\n${cause instanceof Error && "stdout" in cause ? String(cause.stdout) : ""}`, {
      cause,
    });
  }
}

async function newestSource(): Promise<number> {
  const entries = await readdir(`${root}src`, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const times = await Promise.all(files.map(async (file) => (await stat(`${file.parentPath}/${file.name}`)).mtimeMs));
  return Math.max(...times);
}

/** promtool, of Debian's package prometheus: what it says, and its exit status. bin/test gets it. */
import { execFile } from "node:child_process";

export async function promtool(
  args: readonly string[],
  input = "",
): Promise<{ readonly status: number; readonly output: string }> {
  return await new Promise((resolve, reject) => {
    const child = execFile("promtool", [...args], { timeout: 60_000 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") reject(error);
      else resolve({ status: Number(error?.code ?? 0), output: `${stdout}${stderr}` });
    });
    child.stdin?.on("error", () => undefined); // it answers without having read everything
    child.stdin?.end(input);
  });
}

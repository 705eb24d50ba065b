import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Scope } from "../../src/base/scope.ts";
import { giveCluster } from "../../test/support/cluster-template.ts";
import { loader } from "../../test/support/program.ts";
import { ServerProcess } from "../base/child.ts";
import { temporaryDirectory } from "../base/temporary.ts";
import type { BenchOptions } from "../options.ts";
import { serviceAccount } from "./account.ts";

const program = fileURLToPath(new URL("../clients/coordination.ts", import.meta.url));
const root = fileURLToPath(new URL("../..", import.meta.url));
const limit = 180_000;

/** Runs one part of clients/coordination.ts under the account of the server and returns its figures. */
export async function measureCoordination<T>(
  scope: Scope,
  what: "locks" | "limits" | "roster" | "class",
  options: BenchOptions,
): Promise<T> {
  const account = await serviceAccount();
  const directory = await temporaryDirectory(scope, what, account);
  await giveCluster(join(directory, "postgres"));
  const child = scope.own(
    new ServerProcess({
      name: `the measurement of ${what}`,
      file: process.execPath,
      args: [...loader, program, what, join(directory, "postgres"), options.quick ? "quick" : "full"],
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: directory, TMPDIR: directory, LANG: "C.UTF-8" },
      directory: root,
      account,
      patience: 10_000,
    }),
  );
  const [, figures = ""] = await child.output(/^RESULT (.*)$/m, limit);
  return JSON.parse(figures) as T;
}

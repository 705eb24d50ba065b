/** The floor: a server of the same library and the same cipher, in one process, that does nothing with a key but send it back. */
import { fileURLToPath } from "node:url";
import type { Scope } from "../../src/base/scope.ts";
import { ServerProcess } from "../base/child.ts";
import { root } from "./build.ts";
import { newKey } from "./keys.ts";
import { metersOf } from "./meters.ts";
import type { BenchServer, Target } from "./target.ts";

const program = fileURLToPath(new URL("./echo-server.ts", import.meta.url));

export async function startEcho(parent: Scope, sessions: number): Promise<BenchServer> {
  const server = new ServerProcess({
    name: "the echo server",
    file: process.execPath,
    args: ["--import", "tsx", program],
    env: { PATH: "/usr/bin:/bin", LANG: "C.UTF-8" },
    directory: root,
    patience: 5000,
  });
  const scope = parent.child("echo-server");
  scope.own(server);
  try {
    const [, port = ""] = await server.output(/listening on (\d+)/, 60_000);
    const login = { kind: "key", privateKey: newKey().private } as const;
    return {
      name: "ssh2 echo",
      targets: Array.from({ length: sessions }, (_, index): Target => ({
        port: Number(port),
        username: `s${index}`,
        login,
      })),
      ...metersOf(server.pid),
      [Symbol.asyncDispose]: () => scope.close(),
    };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

/**
 * `classh health`: whether the server on this machine works, for a container's health check or a monitor. It checks
 * from outside, as people come: the SSH port, and, over the control socket, the database and the jail.
 */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join, resolve } from "node:path";
import { askServer } from "../commands/control-client.ts";
import { table } from "../commands/table.ts";
import type { Settings } from "../config/schema.ts";
import { parseListen } from "../ssh/listen.ts";

/** Time in which a server must answer. Docker's own time-out has to be longer. */
const maxMs = 8_000;

interface Finding {
  readonly part: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Prints what was found; resolves with the exit status, 0 when all is well and otherwise 1. */
export async function health(settings: Settings): Promise<number> {
  const signal = AbortSignal.timeout(maxMs);
  const { listen = settings.listen, findings: inside } = await insides(settings, signal);
  const findings = [await sshPort(listen, signal), ...inside];
  const rows = findings.map(({ part, ok, detail }) => [ok ? "ok" : "FAILED", part, detail]);
  process.stdout.write(table(["STATE", "PART", "DETAIL"], rows, ""));
  return findings.every(({ ok }) => ok) ? 0 : 1;
}

/** Whether an SSH server introduces itself where people connect. */
async function sshPort(listen: string, signal: AbortSignal): Promise<Finding> {
  const { host, port } = parseListen(listen);
  const reachable = { "0.0.0.0": "127.0.0.1", "::": "::1" }[host] ?? host;
  const socket = connect({ host: reachable, port, signal });
  try {
    await once(socket, "connect", { signal });
    const isSsh = await introduces(socket);
    return {
      part: "SSH port",
      ok: isSsh,
      detail: isSsh ? `port ${port} answers` : `port ${port} is open, but what answers is not an SSH server`,
    };
  } catch (error) {
    return { part: "SSH port", ok: false, detail: `port ${port} does not answer: ${reason(error, signal)}` };
  } finally {
    socket.destroy();
  }
}

/**
 * Reads up to the server's identification. Ours waits for the client's, and other lines may come before it (RFC 4253,
 * 4.2).
 */
async function introduces(socket: Socket): Promise<boolean> {
  socket.write("SSH-2.0-health\r\n");
  let text = "";
  for await (const chunk of socket) {
    text += (chunk as Buffer).toString("latin1");
    if (/^SSH-2\.0-/m.test(text)) return true;
    if (text.length > 8192) return false;
  }
  return false;
}

interface Insides {
  /**
   * Where it listens: it may have been started with other settings than ours. Undefined when it does not say, or
   * listens on any port.
   */
  readonly listen?: string | undefined;
  readonly findings: readonly Finding[];
}

/** What the running server says about itself, its database and its jail. */
async function insides({ data }: Settings, signal: AbortSignal): Promise<Insides> {
  try {
    const { stdout } = await askServer(join(resolve(data), "control.sock"), "status --json", signal);
    const { database, jail, listen } = JSON.parse(stdout) as {
      readonly database: string;
      readonly jail: boolean;
      readonly listen: string;
    };
    const findings = [
      { part: "database", ok: database === "up", detail: database === "up" ? "answers" : "does not answer" },
      {
        part: "jail",
        ok: jail,
        detail: jail ? "programs can be run" : "programs can't be run (classh doctor says why)",
      },
    ];
    return { listen: parseListen(listen).port === 0 ? undefined : listen, findings };
  } catch (error) {
    return { findings: [{ part: "server", ok: false, detail: reason(error, signal) }] };
  }
}

function reason(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return `no answer within ${maxMs / 1000} seconds`;
  return error instanceof Error ? error.message : String(error);
}

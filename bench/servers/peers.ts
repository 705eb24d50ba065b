/** What classh is compared with, in the same run and by the same clients. */
import { userInfo } from "node:os";
import type { Scope } from "../../src/base/scope.ts";
import { findProgram } from "../base/programs.ts";
import { startSshd, type SshdOptions } from "./sshd.ts";
import { startEcho } from "./ssh2-echo.ts";
import type { BenchServer } from "./target.ts";

export const peerNames = ["sshd-nano", "sshd-micro", "ssh2-echo"] as const;
export type PeerName = (typeof peerNames)[number];

/** As the tables call them. */
export const peerLabels: Readonly<Record<PeerName, string>> = {
  "sshd-nano": "sshd + nano",
  "sshd-micro": "sshd + micro",
  "ssh2-echo": "ssh2 echo",
};

/** Why a peer cannot be measured here. */
export interface Absent {
  readonly absent: string;
}

/** Of micro: its default line would show letters that are waited for as echoes. */
const microSettings = `${JSON.stringify({ statusformatl: "$(filename) $(modified)($(line),$(col))", statusformatr: "" })}\n`;

/** The figures of peers, by what the tables call them. */
export interface PeerFigures<F> {
  readonly names: readonly string[];
  readonly absent: Readonly<Record<string, string>>;
  readonly figures: ReadonlyMap<string, F>;
}

/** Measures one after the other what people with a key and an open file meet there. */
export async function measurePeers<F>(
  parent: Scope,
  { names, sessions }: { readonly names: readonly PeerName[]; readonly sessions: number },
  use: (server: BenchServer) => Promise<F>,
): Promise<PeerFigures<F>> {
  const figures = new Map<string, F>();
  const absent: Record<string, string> = {};
  for (const name of names) {
    const label = peerLabels[name];
    const server = await startPeer(parent, name, sessions);
    if ("absent" in server) absent[label] = server.absent;
    else {
      await using running = server;
      figures.set(label, await use(running));
    }
  }
  return { names: names.map((name) => peerLabels[name]), absent, figures };
}

/** People log in by key and have the same file open as those of classh. */
async function startPeer(scope: Scope, name: PeerName, sessions: number): Promise<BenchServer | Absent> {
  if (name === "ssh2-echo") return await startEcho(scope, sessions);
  const editorName = name === "sshd-nano" ? "nano" : "micro";
  const editor = await findProgram(editorName);
  if (editor === undefined) return noEditor(editorName);
  return await startSshdIfPossible(scope, {
    name: peerLabels[name],
    sessions,
    login: "key",
    ...(name === "sshd-nano"
      ? { command: `exec ${editor} welcome.py` }
      : { command: `exec ${editor} -config-dir . welcome.py`, files: { "settings.json": microSettings } }),
  });
}

/** Starts an sshd; says what keeps it from being here, if anything does. */
export async function startSshdIfPossible(
  scope: Scope,
  options: Omit<SshdOptions, "sshd">,
): Promise<BenchServer | Absent> {
  // Without root an sshd is nobody else, can check no password and, as in most containers, give no terminal.
  if (userInfo().uid !== 0) return { absent: "only root can start an sshd for several accounts" };
  const sshd = await findProgram("sshd");
  if (sshd === undefined) return noSshd;
  return await startSshd(scope, { ...options, sshd });
}

export function noEditor(name: string): Absent {
  return { absent: `there is no ${name} on this machine (apt-get install ${name})` };
}

const noSshd: Absent = { absent: "there is no sshd on this machine (apt-get install openssh-server)" };

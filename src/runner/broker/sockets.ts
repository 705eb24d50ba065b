/**
 * Theory of operation: what waits in sockets is memory of the kernel, which appears in no process and, in control groups v1 or with
 * none, in no limit. A jail has a network of its own, and /proc/PID/net of any of its processes lists that network's sockets with the
 * bytes that wait in each. But what waits takes more memory than it has bytes: a byte sent alone takes some 2 KiB. So a queue
 * of TCP that is not empty counts as a full one, whose size enclosure.py bounds for the jail, and a longer one as twice its length. The lists of UDP name the memory itself. Those of UNIX sockets name no
 * bytes: there each socket counts as full, where no control group counts them (in one, they are counted by the kernel).
 */
import { readFileSync } from "node:fs";

/** What a queue of TCP may hold in the jail; enclosure.py has the same number. */
const fullQueueBytes = 128 << 10;

/** A UNIX socket's queue where the kernel does not tell (net.core.wmem_default of all machines we know). */
const usualQueueBytes = 208 << 10;

/** Datagrams' sockets hold what several senders left that are gone: enclosure.py lets two wait in each. */
const datagramQueues = 3;

/** So many sockets are too much whatever they hold, and too long a list to read again and again. */
const maxSockets = 4096;

/** A jail's sockets: the lists of /proc/PID/net by their names. Undefined for a list that is not there. */
export type SocketList = (name: string) => string | undefined;

/**
 * Bytes that the sockets of a jail hold, at most. Any of its processes will do, and one that has just ended has no lists: so
 * they are tried in turns. `withUnix`: UNIX sockets too, of which each counts as full.
 */
export function socketBytesOf(pids: readonly number[], withUnix: boolean): number {
  const pid = pids.find((each) => readList(each, "sockstat") !== undefined);
  return pid === undefined ? 0 : heldBySockets((name) => readList(pid, name), withUnix);
}

/** The same from the lists alone. */
export function heldBySockets(list: SocketList, withUnix: boolean): number {
  // Nearly all jails have no socket at all: one short file says so, while the lists of TCP take the kernel a walk over all of the machine's.
  const count = Number(/^sockets: used (\d+)/m.exec(list("sockstat") ?? "")?.[1] ?? 0);
  if (count === 0) return 0;
  if (count > maxSockets) return Number.POSITIVE_INFINITY;
  const tcp = ["tcp", "tcp6"].flatMap((name) => queuesOf(list(name)));
  const udp = ["udp", "udp6"].flatMap((name) => queuesOf(list(name)));
  const unix = withUnix ? unixBytes(list("unix")) : 0;
  return sum(tcp.map((bytes) => (bytes > 0 ? Math.max(fullQueueBytes, 2 * bytes) : 0))) + sum(udp) + unix;
}

/** Of each socket both queues, without the backlog of connections that one which listens shows as its queue. */
function queuesOf(text: string | undefined): number[] {
  const lines = (text ?? "").split("\n").slice(1);
  return lines.flatMap((line) => {
    const [, sending, receiving] = /^\s*\d+: \S+ \S+ (?!0A)\w\w ([0-9A-F]{8}):([0-9A-F]{8}) /.exec(line) ?? [];
    return [sending, receiving].map((hexadecimal) => Number.parseInt(hexadecimal ?? "0", 16));
  });
}

/** Num, RefCount, Protocol, Flags, Type, St, Inode, Path. */
function unixBytes(text: string | undefined): number {
  const types = (text ?? "")
    .split("\n")
    .slice(1)
    .map((line) => line.split(" ")[4]);
  return unixQueueBytes() * sum(types.map((type) => (type === undefined ? 0 : type === "0002" ? datagramQueues : 1)));
}

let queueBytes: number | undefined;

/** It is the machine's, and programs can't change it for a socket (call-arguments.ts). */
function unixQueueBytes(): number {
  queueBytes ??= Number(readText("/proc/sys/net/core/wmem_default")) || usualQueueBytes;
  return queueBytes;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}

function readList(pid: number, name: string): string | undefined {
  return readText(`/proc/${pid}/net/${name}`);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined; // the process has ended, or the kernel has no such sockets
  }
}

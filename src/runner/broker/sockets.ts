/**
 * Theory of operation: what waits in sockets is memory of the kernel, which appears in no process and, with control
 * groups v1 or none, in no limit. A jail has its own network, and /proc/PID/net of any of its processes lists that
 * network's sockets with the bytes that wait in each. But what waits takes more memory than its bytes: a byte sent
 * alone takes some 2 KiB. So a TCP queue that is not empty counts as a full one, whose size enclosure.py bounds for the
 * jail, and a longer one as twice its length. The lists of UDP name the memory itself. Those of UNIX sockets name no
 * bytes: there each socket counts as full where no control group counts it.
 */
import { readFileSync } from "node:fs";

/** Bytes that a TCP queue may hold in the jail; enclosure.py has the same number. */
const fullQueueBytes = 128 << 10;

/** Size of a UNIX socket's queue where the kernel does not tell (net.core.wmem_default of all machines we know). */
const usualQueueBytes = 208 << 10;

/**
 * Queues counted for a datagram socket, which may hold what several senders left that are gone: enclosure.py lets two
 * wait in each.
 */
const datagramQueues = 3;

/** Sockets that are too many whatever they hold, and whose list is too long to be read again and again. */
const maxSockets = 4096;

/** A list of a jail's sockets, by its name in /proc/PID/net; undefined for one that does not exist. */
export type SocketList = (name: string) => string | undefined;

/**
 * Upper bound of the bytes that the sockets of a jail hold. Any of its processes shows the lists, and one that has just
 * ended has none: so they are tried in turn. `withUnix` also counts UNIX sockets, each as full.
 */
export function socketBytesOf(pids: readonly number[], withUnix: boolean): number {
  const pid = pids.find((each) => readList(each, "sockstat") !== undefined);
  return pid === undefined ? 0 : heldBySockets((name) => readList(pid, name), withUnix);
}

/** The same from the lists alone. */
export function heldBySockets(list: SocketList, withUnix: boolean): number {
  // Nearly all jails have no socket: one short file says so, while for the lists of TCP the kernel walks those of the
  // whole machine.
  const count = Number(/^sockets: used (\d+)/m.exec(list("sockstat") ?? "")?.[1] ?? 0);
  if (count === 0) return 0;
  if (count > maxSockets) return Number.POSITIVE_INFINITY;
  const tcp = ["tcp", "tcp6"].flatMap((name) => queuesOf(list(name)));
  const udp = ["udp", "udp6"].flatMap((name) => queuesOf(list(name)));
  const unix = withUnix ? unixBytes(list("unix")) : 0;
  return sum(tcp.map((bytes) => (bytes > 0 ? Math.max(fullQueueBytes, 2 * bytes) : 0))) + sum(udp) + unix;
}

/** Both queues of each socket, without the backlog that a listening socket shows as its queue. */
function queuesOf(text: string | undefined): number[] {
  const lines = (text ?? "").split("\n").slice(1);
  return lines.flatMap((line) => {
    const [, sending, receiving] = /^\s*\d+: \S+ \S+ (?!0A)\w\w ([0-9A-F]{8}):([0-9A-F]{8}) /.exec(line) ?? [];
    return [sending, receiving].map((hexadecimal) => Number.parseInt(hexadecimal ?? "0", 16));
  });
}

/** Bytes of UNIX sockets. Columns: Num, RefCount, Protocol, Flags, Type, St, Inode, Path. */
function unixBytes(text: string | undefined): number {
  const types = (text ?? "")
    .split("\n")
    .slice(1)
    .map((line) => line.split(" ")[4]);
  return unixQueueBytes() * sum(types.map((type) => (type === undefined ? 0 : type === "0002" ? datagramQueues : 1)));
}

let queueBytes: number | undefined;

/** Size of a UNIX socket's queue: that of the machine, which programs can't change for a socket (call-arguments.ts). */
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

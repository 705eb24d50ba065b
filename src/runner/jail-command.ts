/**
 * Theory of operation: a jail is bubblewrap with every namespace of its own, a root made of /usr read-only and the
 * person's directories. A launcher (bash) comes first: it closes inherited descriptors, joins the cgroups and sets limits,
 * then becomes bwrap. bwrap's arguments travel through a descriptor, because they name the server's directories. What
 * bwrap can't do is done inside, by enclosure.py: for that the program starts with rights in the jail's own namespaces,
 * which it gives up, and loads the seccomp filter, before anybody's code runs.
 */
import { dirname, join } from "node:path";
import { throughView, type JailUser } from "./jail-user.ts";
import type { JailSpec } from "./jail-spec.ts";
import { passwdPlaceholder } from "./protocol.ts";

/** The host's side of a jail, the same for all jails of a server. */
export interface JailHost {
  /** Real path of the interpreter. */
  readonly python: string;
  readonly bubblewrap: string;
  /** The directory of runner.py and enclosure.py on the host. */
  readonly programs: string;
  /** The system call filter, written by `writeFilter`. */
  readonly filterFile: string;
  /** Which of bin, lib, lib64, sbin exist in the host's /usr. */
  readonly usrLinks: readonly string[];
  /** Which files of the host's /etc there are, of those that programs read. */
  readonly etcFiles: readonly string[];
  /** Largest file in bytes. */
  readonly fileBytes: number;
}

/** The uid and gid of everyone inside. */
export const insider = 1000;

/** Where runner.py lies in the jail. */
export const programPath = "/classh/runner.py";

/** What enclosure.py needs: to mount, to change its root, to empty its bounding set, to bound sockets. All in the jail's own user namespace. */
const enclosingRights = ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SETPCAP", "CAP_NET_ADMIN"];

/** To become the jail's account, and to give it its terminal. */
const becomingRights = ["CAP_SETUID", "CAP_SETGID", "CAP_CHOWN"];

/** The launcher's line to bwrap, when it is the launcher who says which identities there are in the jail. */
const namesRead = 18;
const namesWritten = 19;

/** A file of the host that each jail gets a copy of: on one that all of them show, a lock would be seen by all. */
export interface PrivateCopy {
  readonly source: string;
  readonly target: string;
}

/** Small files only: they are memory of the jail. */
export function copiedFiles(host: JailHost): PrivateCopy[] {
  return [
    { source: join(host.programs, "runner.py"), target: programPath },
    { source: join(host.programs, "enclosure.py"), target: "/classh/enclosure.py" },
    { source: host.filterFile, target: "/classh/filter" },
    { source: passwdPlaceholder, target: "/etc/passwd" },
    ...host.etcFiles.map((name) => ({ source: `/etc/${name}`, target: `/etc/${name}` })),
  ];
}

/** The launcher opens the copied files as descriptors from here on. */
const firstFile = 20;

/** Folders that other jails show too; enclosure.py gives each jail inodes of its own. */
export function commonFolders(spec: JailSpec, host: JailHost): string[] {
  return [
    "/usr",
    "/etc/alternatives",
    ...interpreterOutsideUsr(host),
    ...spec.mounts.filter(({ common }) => common).map(({ target }) => target),
  ];
}

/**
 * bwrap's arguments up to the program. The order matters: later mounts cover earlier ones, and /dev and / are closed last.
 * `temporary` is a directory to mount as /tmp where no cgroup counts the memory of a tmpfs; undefined mounts a tmpfs.
 * Not --dev: it would need a second user namespace (for devpts, which a jail has no use for), and there the program had no rights.
 */
export function bubblewrapArguments(
  spec: JailSpec,
  host: JailHost,
  temporary: string | undefined,
  user: JailUser | undefined,
): string[] {
  return [
    ["--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try"],
    ["--die-with-parent", "--hostname", "classh", "--clearenv", ...identity(user)],
    ["--cap-drop", "ALL"],
    ...[...enclosingRights, ...(user ? becomingRights : [])].map((right) => ["--cap-add", right]),
    ...Object.entries(environmentOf(spec)).map(([name, value]) => ["--setenv", name, value]),
    ["--ro-bind", "/usr", "/usr"],
    ...host.usrLinks.map((name) => ["--symlink", `usr/${name}`, `/${name}`]),
    ...interpreterOutsideUsr(host).map((prefix) => ["--ro-bind", prefix, prefix]),
    ["--proc", "/proc", "--tmpfs", "/dev"],
    ...["full", "null", "random", "tty", "urandom", "zero"].map((name) => [
      "--dev-bind",
      `/dev/${name}`,
      `/dev/${name}`,
    ]),
    ...["fd", "fd/0", "fd/1", "fd/2"].map((name, index) => [
      "--symlink",
      `/proc/self/${name}`,
      `/dev/${["fd", "stdin", "stdout", "stderr"][index]}`,
    ]),
    // The number of terminals is one for the whole machine: a jail makes none.
    ["--dir", "/dev/pts", "--dir", "/dev/shm"],
    ...temporaryMounts(temporary),
    ["--dir", "/etc", "--ro-bind-try", "/etc/alternatives", "/etc/alternatives"],
    ...parentsOf(spec).map((path) => ["--perms", "0755", "--dir", path]),
    ...spec.mounts.map((mount) => [
      mount.writable ? "--bind" : "--ro-bind",
      throughView(mount.source, user),
      mount.target,
    ]),
    ["--dir", "/classh/empty", "--dir", "/classh/scratch"],
    ...copiedFiles(host).map(({ target }, index) => ["--perms", "0444", "--file", String(firstFile + index), target]),
    // The program goes to its directory itself, once it is who may enter it (enclosure.py).
    ["--chdir", "/"],
    // Without these two, / and /dev are writable memory without a bound.
    ["--remount-ro", "/dev", "--remount-ro", "/"],
  ].flat();
}

/** -I: no PYTHON* variables and no user packages. -B: no __pycache__ in the file browser. */
export function pythonArguments(host: JailHost, options: object): string[] {
  return [host.python, "-I", "-B", "-X", "utf8", programPath, JSON.stringify(options)];
}

export function passwdFile(spec: JailSpec): string {
  return `root:x:0:0:root:/:/usr/sbin/nologin\n${spec.owner}:x:${insider}:${insider}::${spec.home}:/usr/sbin/nologin\n`;
}

/**
 * With an account of their own, programs begin as 0, which is ours, and enclosure.py makes them 1000, which is that account: the launcher
 * tells the kernel so. Otherwise 1000 is our own account.
 */
function identity(user: JailUser | undefined): string[] {
  if (user) return ["--userns-block-fd", String(namesRead), "--info-fd", String(namesWritten)];
  return ["--uid", String(insider), "--gid", String(insider)];
}

/** Folders above the mounts: bwrap would make them for their owner alone, and that is not the program. */
function parentsOf(spec: JailSpec): string[] {
  const parents = new Set<string>();
  for (const { target } of spec.mounts) {
    for (let path = dirname(target); path !== "/"; path = dirname(path)) parents.add(path);
  }
  return [...parents].toSorted();
}

function environmentOf(spec: JailSpec): Record<string, string> {
  return {
    HOME: spec.home,
    USER: spec.owner,
    LOGNAME: spec.owner,
    PATH: "/usr/bin:/bin",
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    PYTHONDONTWRITEBYTECODE: "1",
    ...spec.environment,
  };
}

function interpreterOutsideUsr(host: JailHost): string[] {
  return host.python.startsWith("/usr/") ? [] : [dirname(dirname(host.python))];
}

/**
 * A tmpfs is memory, and a cgroup counts it. Without a cgroup nothing does (and a tmpfs has no limit for its inodes), so
 * /tmp is a directory on disk and /dev/shm is not writable.
 */
function temporaryMounts(directory: string | undefined): string[][] {
  if (directory !== undefined) return [["--bind", directory, "/tmp"]];
  return [
    ["--size", String(4 << 20), "--perms", "1777", "--tmpfs", "/dev/shm"],
    ["--size", String(16 << 20), "--perms", "1777", "--tmpfs", "/tmp"],
  ];
}

export interface LaunchOptions {
  /** The process that must still be our parent; without it the launcher gives up. */
  readonly parent: number;
  readonly argumentsFile: string;
  readonly statusFile: string;
  /** The sources of `copiedFiles`, with the paths of this jail. */
  readonly files: readonly string[];
  /** The cgroup.procs files to join. */
  readonly cgroups: readonly string[];
  readonly fileBytes: number;
  readonly bubblewrap: string;
  /** The account of the jail, when we are in its namespace. */
  readonly user?: { readonly terminalGroup: boolean } | undefined;
  /** What to run inside. */
  readonly command: readonly string[];
}

/**
 * setpriv asks the kernel to kill us when the parent dies, then the parent is checked: in this order there is no moment
 * in which a jail can outlive the server. bash -c, since dash can't close descriptors above 9.
 */
export function launchCommand(options: LaunchOptions): [file: string, ...args: string[]] {
  return [
    "/usr/bin/setpriv",
    "--pdeathsig",
    "KILL",
    "--no-new-privs",
    "--",
    "/bin/bash",
    "--noprofile",
    "--norc",
    "-c",
    launcher,
    "classh-launcher",
    String(options.parent),
    options.argumentsFile,
    options.statusFile,
    options.user ? names : "",
    options.user?.terminalGroup ? `${names}\n5 5 1` : names,
    String(Math.max(1, Math.floor(options.fileBytes / 1024))),
    options.bubblewrap,
    String(options.cgroups.length),
    ...options.cgroups,
    String(options.files.length),
    ...options.files,
    ...options.command,
  ];
}

/** All that is ever put in the environment of a launcher: /proc/1/environ in the jail shows it, in spite of --clearenv. */
export const launchEnvironment = { PATH: "/usr/bin:/bin" } as const;

/** Identities in the jail: 0 is 0 of the namespace that we are in, our account; 1000 is its 1, the jail's account. See bin/prepare-jail-user. */
const names = `0 0 1\n${insider} 1 1`;

/** Exit status of the launcher when it fails before bwrap; bwrap itself fails with 1. */
export const launcherFailed = 125;

const launcher = `
[ "$PPID" = "$1" ] || exit ${launcherFailed}
for path in /proc/self/fd/*; do
  fd=\${path##*/}
  if [ "$fd" -gt 2 ]; then exec {fd}>&-; fi
done
arguments=$2 status=$3 users=$4 groups=$5 blocks=$6 bubblewrap=$7 joins=$8
shift 8
while [ "$joins" -gt 0 ]; do
  echo $$ > "$1" || exit ${launcherFailed}
  shift; joins=$((joins - 1))
done
drop=
if [ -n "$users" ]; then
  # bwrap says which process it has made and waits; the kernel takes the names in one write, which bash's own printf does not do.
  coproc names {
    while read -r line; do
      case $line in *child-pid*) pid=\${line//[!0-9]/}; break ;; esac
    done
    cat > "/proc/$pid/uid_map" <<< "$users" && cat > "/proc/$pid/gid_map" <<< "$groups" && echo
  }
  # Not as copies of the descriptors, which bash would close at the next command.
  exec ${namesRead}< "/proc/self/fd/\${names[0]}" ${namesWritten}> "/proc/self/fd/\${names[1]}" || exit ${launcherFailed}
  eval "exec \${names[0]}<&- \${names[1]}>&-"
  drop="/usr/bin/setpriv --inh-caps=-all --bounding-set=-all --"
fi
files=$1
shift
for ((fd = ${firstFile}; fd < ${firstFile} + files; fd++)); do
  eval "exec $fd< \\"\\$1\\"" || exit ${launcherFailed}
  shift
done
ulimit -c 0 -n 256 -f "$blocks" || exit ${launcherFailed}
exec 7< "$arguments" 8> "$status" || exit ${launcherFailed}
exec $drop "$bubblewrap" --args 7 --json-status-fd 8 -- "$@"
`;

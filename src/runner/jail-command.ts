/**
 * Theory of operation: a jail is bubblewrap with its own namespaces of every kind, a root made of /usr read-only, and
 * the person's directories. A launcher (bash) comes first: it closes inherited descriptors, joins the cgroups and sets
 * limits, then becomes bwrap. bwrap's arguments travel through a descriptor, because they name the server's
 * directories. What bwrap can't do is done inside, by enclosure.py: for that the program starts with rights in the
 * jail's own namespaces; it gives them up, and loads the seccomp filter, before any student's code runs.
 */
import { basename, dirname } from "node:path";
import { compiledFile, programFolder, programNames } from "./compiled-programs.ts";
import { throughView, type JailUser } from "./jail-user.ts";
import type { JailSpec } from "./jail-spec.ts";
import { groupPlaceholder, passwdPlaceholder } from "./protocol.ts";

/** The host's side of a jail, the same for all jails of a server. */
export interface JailHost {
  /** The interpreter, by a path whose folders are no links. */
  readonly python: string;
  readonly bubblewrap: string;
  /** Directory of our compiled programs on the host. */
  readonly programs: string;
  /** File of the system call filter, written by `writeFilter`. */
  readonly filterFile: string;
  /** File with readline's keys, written by `writeInputrc`. */
  readonly inputrcFile: string;
  /** Files with names of hosts and the like, written by `writeNames`. */
  readonly nameFiles: readonly string[];
  /** Those of bin, lib, lib64, sbin that exist in the host's /usr. */
  readonly usrLinks: readonly string[];
  /** Those files of the host's /etc that programs read and that exist. */
  readonly etcFiles: readonly string[];
  /** The time zone that programs are told, and its file on the host; undefined for the machine's. */
  readonly timeZone?: { readonly name: string; readonly file: string } | undefined;
  /** Size of the largest file, bytes. */
  readonly fileBytes: number;
}

/** uid and gid of every program inside. */
export const insider = 1000;

/** Path of runner.py in the jail. It is compiled; Python knows that by its first bytes. */
export const programPath = `${programFolder}/runner.py`;

/**
 * Capabilities that enclosure.py needs: to mount, to change its root, to empty its bounding set, to bound sockets. All
 * apply in the jail's own user namespace only.
 */
const enclosingRights = ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SETPCAP", "CAP_NET_ADMIN"];

/** Capabilities to become the jail's account, and to give it its terminal. */
const becomingRights = ["CAP_SETUID", "CAP_SETGID", "CAP_CHOWN"];

/** Descriptor on which the launcher tells bwrap that it has set the identities of the jail. */
const namesRead = 18;
const namesWritten = 19;

/** A host file of which each jail gets a copy: a lock on a file that all of them show would be seen by all. */
export interface PrivateCopy {
  readonly source: string;
  readonly target: string;
}

/** The host files to copy: only small ones, since they take memory of the jail. */
export function copiedFiles(host: JailHost): PrivateCopy[] {
  return [
    ...programNames.map((name) => ({
      source: compiledFile(host.programs, name),
      target: name === "runner" ? programPath : compiledFile(programFolder, name),
    })),
    { source: host.filterFile, target: "/classh/filter" },
    { source: host.inputrcFile, target: "/etc/inputrc" },
    { source: passwdPlaceholder, target: "/etc/passwd" },
    { source: groupPlaceholder, target: "/etc/group" },
    ...host.nameFiles.map((source) => ({ source, target: `/etc/${basename(source)}` })),
    ...host.etcFiles.map((name) => ({ source: `/etc/${name}`, target: `/etc/${name}` })),
    ...(host.timeZone ? [{ source: host.timeZone.file, target: "/etc/localtime" }] : []),
  ];
}

/** The host's folders of settings that what lies in /usr reads: fonts are those of matplotlib. */
const etcFolders = ["/etc/alternatives", "/etc/fonts"];

/** First descriptor of the copied files, which the launcher opens. */
const firstFile = 20;

/** Folders that other jails show, too; enclosure.py gives each jail its own inodes. */
export function commonFolders(spec: JailSpec, host: JailHost): string[] {
  return [
    "/usr",
    ...etcFolders,
    ...interpreterOutsideUsr(host),
    ...spec.mounts.filter(({ common }) => common).map(({ target }) => target),
  ];
}

/** Folders in which no link is followed, and whether they may be written: enclosure.py sees to that. */
export function linklessFolders(spec: JailSpec): readonly (readonly [target: string, writable: boolean])[] {
  return spec.mounts
    .filter(({ followLinks }) => followLinks === false)
    .map(({ target, writable }) => [target, writable]);
}

/**
 * bwrap's arguments up to the program. The order matters: later mounts cover earlier ones, and /dev and / are closed
 * last. `temporary` is a directory to mount as /tmp where no cgroup counts the memory of a tmpfs; undefined mounts a
 * tmpfs. Not --dev: it would need a second user namespace (for devpts, which enclosure.py mounts), where the program
 * would have no rights.
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
    ...Object.entries(environmentOf(spec, host)).map(([name, value]) => ["--setenv", name, value]),
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
    // enclosure.py mounts a jail's own pseudo-terminals there.
    ["--dir", "/dev/pts", "--symlink", "pts/ptmx", "/dev/ptmx", "--dir", "/dev/shm"],
    ...temporaryMounts(temporary),
    ["--dir", "/etc", ...etcFolders.flatMap((path) => ["--ro-bind-try", path, path])],
    ...parentsOf(spec).map((path) => ["--perms", "0755", "--dir", path]),
    ...spec.mounts.map((mount) => [
      mount.writable ? "--bind" : "--ro-bind",
      throughView(mount.source, user),
      mount.target,
    ]),
    ["--dir", "/classh/empty", "--dir", "/classh/scratch"],
    ...copiedFiles(host).map(({ target }, index) => ["--perms", "0444", "--file", String(firstFile + index), target]),
    // The program changes to its directory itself, once it is somebody who may enter it (enclosure.py).
    ["--chdir", "/"],
    // Without these two, / and /dev are writable memory without bound.
    ["--remount-ro", "/dev", "--remount-ro", "/"],
  ].flat();
}

/** Arguments for Python. -S: nothing of the home runs before the jail is closed (ordinary_start.py). */
export function pythonArguments(host: JailHost, options: object): string[] {
  return [host.python, "-S", programPath, JSON.stringify(options)];
}

/** Content of the jail's /etc/passwd. */
export function passwdFile(spec: JailSpec): string {
  return `root:x:0:0:root:/:/usr/sbin/nologin\n${spec.owner}:x:${insider}:${insider}::${spec.home}:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`;
}

/** Content of the jail's /etc/group. */
export function groupFile(spec: JailSpec): string {
  return `root:x:0:\ntty:x:5:\n${spec.owner}:x:${insider}:\nnogroup:x:65534:\n`;
}

/**
 * Arguments for identities. With an account of their own, programs begin as 0, which is our account, and enclosure.py
 * makes them 1000, which is the jail's account: the launcher tells the kernel so. Otherwise 1000 is our own account.
 */
function identity(user: JailUser | undefined): string[] {
  if (user) return ["--userns-block-fd", String(namesRead), "--info-fd", String(namesWritten)];
  return ["--uid", String(insider), "--gid", String(insider)];
}

/** Folders above the mounts: bwrap would make them for their owner only, who is not the program. */
function parentsOf(spec: JailSpec): string[] {
  const parents = new Set<string>();
  for (const { target } of spec.mounts) {
    for (let path = dirname(target); path !== "/"; path = dirname(path)) parents.add(path);
  }
  return [...parents].toSorted();
}

function environmentOf(spec: JailSpec, { timeZone }: JailHost): Record<string, string> {
  return {
    HOME: spec.home,
    USER: spec.owner,
    LOGNAME: spec.owner,
    PATH: "/usr/bin:/bin",
    LANG: "C.UTF-8",
    TERM: "xterm-256color",
    PYTHONDONTWRITEBYTECODE: "1",
    // help() prints: a pager in a few lines of console is a puzzle, and takes its text away at the end.
    PAGER: "cat",
    LESSHISTFILE: "-",
    // What libraries keep for the next time: not in the home, where it would be litter.
    XDG_CACHE_HOME: "/tmp/.cache",
    MPLCONFIGDIR: "/tmp/.cache/matplotlib",
    // A jail has one processor's time, and each thread of a BLAS reserves 128 MiB. OpenBLAS, MKL, BLIS and numexpr read it.
    OMP_NUM_THREADS: "1",
    ...(timeZone ? { TZ: timeZone.name } : {}),
    ...spec.environment,
  };
}

function interpreterOutsideUsr(host: JailHost): string[] {
  return host.python.startsWith("/usr/") ? [] : [dirname(dirname(host.python))];
}

/**
 * A tmpfs is memory, which a cgroup counts. Without a cgroup nothing does (and a tmpfs has no limit for its inodes), so
 * /tmp is a directory on disk and /dev/shm is not writable.
 */
function temporaryMounts(directory: string | undefined): string[][] {
  if (directory !== undefined) return [["--bind", directory, "/tmp"]];
  return [
    ["--size", String(4 << 20), "--perms", "1777", "--tmpfs", "/dev/shm"],
    ["--size", String(16 << 20), "--perms", "1777", "--tmpfs", "/tmp"],
  ];
}

/** What the launcher is told. */
export interface LaunchOptions {
  /** Pid of the process that must still be our parent; otherwise the launcher gives up. */
  readonly parent: number;
  readonly argumentsFile: string;
  readonly statusFile: string;
  /** The files of `copiedFiles`, with the paths of this jail. */
  readonly files: readonly string[];
  /** cgroup.procs files to join. */
  readonly cgroups: readonly string[];
  readonly fileBytes: number;
  readonly bubblewrap: string;
  /** Set when there is an account for the jail, and we are in its namespace. */
  readonly user?: { readonly terminalGroup: boolean } | undefined;
  /** Command to run inside. */
  readonly command: readonly string[];
}

/**
 * The command that starts a jail. setpriv asks the kernel to kill us when the parent dies, then the parent is checked:
 * in this order there is no moment in which a jail can outlive the server. bash -c, since dash can't close descriptors
 * above 9.
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

/** The whole environment of a launcher: /proc/1/environ in the jail shows it, in spite of --clearenv. */
export const launchEnvironment = { PATH: "/usr/bin:/bin" } as const;

/**
 * Identities in the jail: 0 is 0 of our namespace, our account; 1000 is 1 of it, the jail's account. See
 * bin/prepare-jail-user.
 */
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
      # To the end: bwrap writes in pieces, and what nobody reads any more would end it (SIGPIPE).
      case $line in *child-pid*) pid=\${line//[!0-9]/} ;; *"}"*) break ;; esac
    done
    cat > "/proc/$pid/uid_map" <<< "$users" && cat > "/proc/$pid/gid_map" <<< "$groups" && echo
    # bwrap goes on writing: without a reader it would get SIGPIPE.
    while read -r line; do :; done
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

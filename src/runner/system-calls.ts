/** Numbers of the system calls that the filter and the run clock speak about, on the two machines that we support. */

export type Architecture = "x64" | "arm64";

type Numbers = Readonly<Record<string, readonly [x64: number, arm64: number]>>;

/** A call that a machine does not have. */
const none = -1;

/**
 * Refused with EPERM. Flatpak's list, and what a jail in a user namespace can otherwise reach: other processes' memory,
 * kernel keyrings, io_uring (which bypasses filters like this one), memory outside of all limits (memfd, System V), named
 * pipes and devices, new namespaces. From the kernel's asm/unistd_64.h and asm-generic/unistd.h.
 */
export const refused: Numbers = {
  ptrace: [101, 117], process_vm_readv: [310, 270], process_vm_writev: [311, 271], process_madvise: [440, 440],
  process_mrelease: [448, 448], kcmp: [312, 272], pidfd_getfd: [438, 438],
  keyctl: [250, 219], add_key: [248, 217], request_key: [249, 218],
  bpf: [321, 280], perf_event_open: [298, 241], userfaultfd: [323, 282],
  io_uring_setup: [425, 425], io_uring_enter: [426, 426], io_uring_register: [427, 427],
  memfd_create: [319, 279], memfd_secret: [447, 447],
  mknod: [133, none], mknodat: [259, 33],
  mount: [165, 40], umount2: [166, 39], pivot_root: [155, 41], chroot: [161, 51], fsopen: [430, 430],
  fsconfig: [431, 431], fsmount: [432, 432], fspick: [433, 433], move_mount: [429, 429], open_tree: [428, 428],
  mount_setattr: [442, 442], statmount: [457, 457], listmount: [458, 458],
  unshare: [272, 97], setns: [308, 268],
  swapon: [167, 224], swapoff: [168, 225], reboot: [169, 142], kexec_load: [246, 104], kexec_file_load: [320, 294],
  init_module: [175, 105], finit_module: [313, 273], delete_module: [176, 106], create_module: [174, none],
  shmget: [29, 194], shmat: [30, 196], shmctl: [31, 195], shmdt: [67, 197],
  semget: [64, 190], semop: [65, 193], semctl: [66, 191], semtimedop: [220, 192],
  msgget: [68, 186], msgsnd: [69, 189], msgrcv: [70, 188], msgctl: [71, 187],
  mq_open: [240, 180], mq_unlink: [241, 181], mq_timedsend: [242, 182], mq_timedreceive: [243, 183],
  mq_notify: [244, 184], mq_getsetattr: [245, 185],
  quotactl: [179, 60], quotactl_fd: [443, 443], syslog: [103, 116], acct: [163, 89], uselib: [134, none],
  personality: [135, 92], modify_ldt: [154, none], name_to_handle_at: [303, 264], open_by_handle_at: [304, 265],
  lookup_dcookie: [212, 18], nfsservctl: [180, 42], vhangup: [153, 58], iopl: [172, none], ioperm: [173, none],
  settimeofday: [164, 170], clock_settime: [227, 112], adjtimex: [159, 171], clock_adjtime: [305, 266],
  sethostname: [170, 161], setdomainname: [171, 162], fanotify_init: [300, 262], fanotify_mark: [301, 263],
  set_mempolicy: [238, 237], set_mempolicy_home_node: [450, 450], mbind: [237, 235], move_pages: [279, 239],
  migrate_pages: [256, 238], vmsplice: [278, 75],
  uretprobe: [335, none], uprobe: [336, none],
};

/**
 * Refused with EOPNOTSUPP, which libraries take for a file system that lacks the feature. fallocate can take blocks that
 * no file size shows (FALLOC_FL_KEEP_SIZE), extended attributes hold data that no size shows: both would pass the quota.
 */
export const unsupported: Numbers = {
  fallocate: [285, 47], setxattr: [188, 5], lsetxattr: [189, 6], fsetxattr: [190, 7],
};

/** Refused with ENOSYS, so that the C library falls back to `clone`, whose flags a filter can see. */
export const missing: Numbers = { clone3: [435, 435] };

/** Allowed with some arguments only, and what the run clock recognises. */
export const named = {
  clone: [56, 220], socket: [41, 198], socketpair: [53, 199], ioctl: [16, 29], fcntl: [72, 25],
  read: [0, 63], write: [1, 64], select: [23, none], pselect6: [270, 72], wait4: [61, 260], rt_sigtimedwait: [128, 137],
} as const satisfies Numbers;

/** The newest call that this list has judged (mseal, Linux 6.10). Newer ones do not exist in a jail until someone looks. */
export const newestJudged = 462;

/** The number of a call on a machine; undefined where it does not exist. */
export function numberOf(numbers: readonly [number, number], architecture: Architecture): number | undefined {
  const number = architecture === "x64" ? numbers[0] : numbers[1];
  return number === none ? undefined : number;
}

/** The machine we run on, or undefined when it is none that we know. */
export function architectureOf(name: string): Architecture | undefined {
  return name === "x64" || name === "arm64" ? name : undefined;
}

/**
 * Every system call that the kernel has, with what a program in a jail gets: the call, or an error. Nothing else is
 * allowed; what is newer than this table does not exist in a jail until someone has looked at it. docs/system-calls.md
 * is made from this file.
 *
 * What is allowed is what CPython, its library, numpy and the usual tools called in
 * test/runner/programs/uses-library.py under `strace -f` (Debian 12, glibc 2.36), and what other C libraries and arm64
 * call in its place. ENOSYS is for what programs probe for and do without, EOPNOTSUPP for what a file system may lack,
 * EPERM for the rest.
 *
 * Numbers are from the kernel's tables, as asm/unistd_64.h (x86-64) and asm-generic/unistd.h (arm64) have them;
 * test/runner/system-calls.test.ts compares them where those files are installed.
 */

/** A processor architecture that classh runs on. */
export type Architecture = "x64" | "arm64";

type Numbers = Readonly<Record<string, readonly [x64: number, arm64: number]>>;

/** Answer to a call; the names of errors are those of errno(3). */
export type CallAction = "allowed" | "ENOSYS" | "EOPNOTSUPP" | "EPERM";

/** Calls with the same answer, for the same reason. */
export interface CallGroup {
  readonly answer: CallAction;
  /** What an allowed group is for, or why the others are refused. */
  readonly why: string;
  readonly calls: Numbers;
}

/** Number of a call that an architecture does not have. */
const none = -1;

/** All system calls. */
export const callGroups = [
  {
    answer: "allowed",
    why: "reading and writing open files",
    calls: {
      read: [0, 63],
      write: [1, 64],
      readv: [19, 65],
      writev: [20, 66],
      pread64: [17, 67],
      pwrite64: [18, 68],
      preadv: [295, 69],
      pwritev: [296, 70],
      preadv2: [327, 286],
      pwritev2: [328, 287],
      lseek: [8, 62],
      sendfile: [40, 71],
      copy_file_range: [326, 285],
      close: [3, 57],
      close_range: [436, 436],
      dup: [32, 23],
      dup2: [33, none],
      dup3: [292, 24],
      fsync: [74, 82],
      fdatasync: [75, 83],
      ftruncate: [77, 46],
      fadvise64: [221, 223],
    },
  },
  {
    answer: "allowed",
    why: "finding, opening, making and removing files",
    calls: {
      open: [2, none],
      creat: [85, none],
      openat: [257, 56],
      access: [21, none],
      faccessat: [269, 48],
      faccessat2: [439, 439],
      stat: [4, none],
      lstat: [6, none],
      fstat: [5, 80],
      newfstatat: [262, 79],
      statx: [332, 291],
      statfs: [137, 43],
      fstatfs: [138, 44],
      readlink: [89, none],
      readlinkat: [267, 78],
      getdents: [78, none],
      getdents64: [217, 61],
      getcwd: [79, 17],
      chdir: [80, 49],
      fchdir: [81, 50],
      mkdir: [83, none],
      mkdirat: [258, 34],
      rmdir: [84, none],
      unlink: [87, none],
      unlinkat: [263, 35],
      rename: [82, none],
      renameat: [264, 38],
      renameat2: [316, 276],
      link: [86, none],
      linkat: [265, 37],
      symlink: [88, none],
      symlinkat: [266, 36],
      truncate: [76, 45],
      chmod: [90, none],
      fchmod: [91, 52],
      fchmodat: [268, 53],
      chown: [92, none],
      fchown: [93, 55],
      lchown: [94, none],
      fchownat: [260, 54],
      utime: [132, none],
      utimes: [235, none],
      futimesat: [261, none],
      utimensat: [280, 88],
      umask: [95, 166],
    },
  },
  {
    answer: "allowed",
    why: "reading extended attributes, which ls and shutil.copystat do",
    calls: {
      getxattr: [191, 8],
      lgetxattr: [192, 9],
      fgetxattr: [193, 10],
      listxattr: [194, 11],
      llistxattr: [195, 12],
      flistxattr: [196, 13],
    },
  },
  {
    answer: "allowed",
    why: "descriptors: flags, locks, requests to terminals",
    calls: {
      fcntl: [72, 25],
      flock: [73, 32],
      ioctl: [16, 29],
    },
  },
  {
    answer: "allowed",
    why: "pipes, and waiting for one of several descriptors",
    calls: {
      pipe: [22, none],
      pipe2: [293, 59],
      select: [23, none],
      pselect6: [270, 72],
      poll: [7, none],
      ppoll: [271, 73],
      epoll_create: [213, none],
      epoll_create1: [291, 20],
      epoll_ctl: [233, 21],
      epoll_wait: [232, none],
      epoll_pwait: [281, 22],
      epoll_pwait2: [441, 441],
      eventfd: [284, none],
      eventfd2: [290, 19],
      timerfd_create: [283, 85],
      timerfd_settime: [286, 86],
      timerfd_gettime: [287, 87],
    },
  },
  {
    answer: "allowed",
    why: "memory",
    calls: {
      brk: [12, 214],
      mmap: [9, 222],
      munmap: [11, 215],
      mremap: [25, 216],
      mprotect: [10, 226],
      madvise: [28, 233],
      msync: [26, 227],
    },
  },
  {
    answer: "allowed",
    why: "starting programs, and how they end",
    calls: {
      clone: [56, 220],
      fork: [57, none],
      vfork: [58, none],
      execve: [59, 221],
      exit: [60, 93],
      exit_group: [231, 94],
      wait4: [61, 260],
      waitid: [247, 95],
      pidfd_open: [434, 434],
    },
  },
  {
    answer: "allowed",
    why: "threads",
    calls: {
      futex: [202, 98],
      set_robust_list: [273, 99],
      set_tid_address: [218, 96],
      rseq: [334, 293],
      gettid: [186, 178],
      arch_prctl: [158, none],
      prctl: [157, 167],
      sched_yield: [24, 124],
    },
  },
  {
    answer: "allowed",
    why: "signals, within the jail only: its process numbers are its own",
    calls: {
      kill: [62, 129],
      tkill: [200, 130],
      tgkill: [234, 131],
      pidfd_send_signal: [424, 424],
      rt_sigaction: [13, 134],
      rt_sigprocmask: [14, 135],
      rt_sigreturn: [15, 139],
      rt_sigpending: [127, 136],
      rt_sigtimedwait: [128, 137],
      rt_sigsuspend: [130, 133],
      sigaltstack: [131, 132],
      pause: [34, none],
      alarm: [37, none],
      setitimer: [38, 103],
      getitimer: [36, 102],
      restart_syscall: [219, 128],
    },
  },
  {
    answer: "allowed",
    why: "time",
    calls: {
      time: [201, none],
      gettimeofday: [96, 169],
      clock_gettime: [228, 113],
      clock_getres: [229, 114],
      clock_nanosleep: [230, 115],
      nanosleep: [35, 101],
      times: [100, 153],
    },
  },
  {
    answer: "allowed",
    why: "who and where one is",
    calls: {
      getpid: [39, 172],
      getppid: [110, 173],
      getpgrp: [111, none],
      getpgid: [121, 155],
      getsid: [124, 156],
      setpgid: [109, 154],
      setsid: [112, 157],
      getuid: [102, 174],
      geteuid: [107, 175],
      getgid: [104, 176],
      getegid: [108, 177],
      getresuid: [118, 148],
      getresgid: [120, 150],
      getgroups: [115, 158],
      capget: [125, 90],
      uname: [63, 160],
      sysinfo: [99, 179],
      getcpu: [309, 168],
      getrandom: [318, 278],
    },
  },
  {
    answer: "allowed",
    why: "limits and priorities, one's own",
    calls: {
      getrlimit: [97, 163],
      setrlimit: [160, 164],
      prlimit64: [302, 261],
      getrusage: [98, 165],
      getpriority: [140, 141],
      setpriority: [141, 140],
      sched_getaffinity: [204, 123],
      sched_setaffinity: [203, 122],
      sched_getscheduler: [145, 120],
      sched_getparam: [143, 121],
      sched_getattr: [315, 275],
      sched_get_priority_max: [146, 125],
      sched_get_priority_min: [147, 126],
      sched_rr_get_interval: [148, 127],
    },
  },
  {
    answer: "allowed",
    why: "sockets, which reach nothing outside of the jail",
    calls: {
      socket: [41, 198],
      socketpair: [53, 199],
      bind: [49, 200],
      listen: [50, 201],
      accept: [43, 202],
      accept4: [288, 242],
      connect: [42, 203],
      getsockname: [51, 204],
      getpeername: [52, 205],
      setsockopt: [54, 208],
      getsockopt: [55, 209],
      shutdown: [48, 210],
      sendto: [44, 206],
      recvfrom: [45, 207],
      sendmsg: [46, 211],
      recvmsg: [47, 212],
      sendmmsg: [307, 269],
      recvmmsg: [299, 243],
    },
  },
  {
    answer: "ENOSYS",
    why: "the C library falls back to clone, whose flags the filter can see",
    calls: {
      clone3: [435, 435],
    },
  },
  {
    answer: "ENOSYS",
    why: "programs fall back to openat, whose flags the filter can see",
    calls: {
      openat2: [437, 437],
    },
  },
  {
    answer: "ENOSYS",
    why: "watches are counted for the whole account: two jails could use them all up, and then nobody's session would see changes. Programs fall back to looking now and then",
    calls: {
      inotify_init: [253, none],
      inotify_init1: [294, 26],
      inotify_add_watch: [254, 27],
      inotify_rm_watch: [255, 28],
    },
  },
  {
    answer: "ENOSYS",
    why: "it bypasses filters like this one. Programs fall back to ordinary calls",
    calls: {
      io_uring_setup: [425, 425],
      io_uring_enter: [426, 426],
      io_uring_register: [427, 427],
    },
  },
  {
    answer: "ENOSYS",
    why: "newer ways to do what other calls do; programs fall back to those",
    calls: {
      execveat: [322, 281],
      splice: [275, 76],
      tee: [276, 77],
      signalfd: [282, none],
      signalfd4: [289, 74],
      futex_waitv: [449, 449],
      futex_wake: [454, 454],
      futex_wait: [455, 455],
      futex_requeue: [456, 456],
      fchmodat2: [452, 452],
      map_shadow_stack: [453, 453],
      mseal: [462, 462],
      cachestat: [451, 451],
      membarrier: [324, 283],
      pkey_mprotect: [329, 288],
      pkey_alloc: [330, 289],
      pkey_free: [331, 290],
      landlock_create_ruleset: [444, 444],
      landlock_add_rule: [445, 445],
      landlock_restrict_self: [446, 446],
    },
  },
  {
    answer: "ENOSYS",
    why: "each holds a place in the account's queue of signals; programs fall back to alarm and setitimer",
    calls: {
      timer_create: [222, 107],
      timer_settime: [223, 110],
      timer_gettime: [224, 108],
      timer_getoverrun: [225, 109],
      timer_delete: [226, 111],
    },
  },
  {
    answer: "EOPNOTSUPP",
    why: "it can take blocks that no file size shows (FALLOC_FL_KEEP_SIZE), so past the quota; the C library writes zeros instead",
    calls: {
      fallocate: [285, 47],
    },
  },
  {
    answer: "EOPNOTSUPP",
    why: "extended attributes hold data that no file size shows, and access lists open files to others; libraries take it for a file system that has none",
    calls: {
      setxattr: [188, 5],
      lsetxattr: [189, 6],
      fsetxattr: [190, 7],
      removexattr: [197, 14],
      lremovexattr: [198, 15],
      fremovexattr: [199, 16],
    },
  },
  {
    answer: "EPERM",
    why: "other processes' memory and descriptors, and tracing",
    calls: {
      ptrace: [101, 117],
      process_vm_readv: [310, 270],
      process_vm_writev: [311, 271],
      process_madvise: [440, 440],
      process_mrelease: [448, 448],
      kcmp: [312, 272],
      pidfd_getfd: [438, 438],
      perf_event_open: [298, 241],
      get_robust_list: [274, 100],
      lookup_dcookie: [212, 18],
      uretprobe: [335, none],
      uprobe: [336, none],
    },
  },
  {
    answer: "EPERM",
    why: "new namespaces, mounts and roots",
    calls: {
      unshare: [272, 97],
      setns: [308, 268],
      mount: [165, 40],
      umount2: [166, 39],
      pivot_root: [155, 41],
      chroot: [161, 51],
      fsopen: [430, 430],
      fsconfig: [431, 431],
      fsmount: [432, 432],
      fspick: [433, 433],
      move_mount: [429, 429],
      open_tree: [428, 428],
      mount_setattr: [442, 442],
      statmount: [457, 457],
      listmount: [458, 458],
    },
  },
  {
    answer: "EPERM",
    why: "code in the kernel, and filters of one's own",
    calls: {
      bpf: [321, 280],
      seccomp: [317, 277],
      userfaultfd: [323, 282],
      init_module: [175, 105],
      finit_module: [313, 273],
      delete_module: [176, 106],
      create_module: [174, none],
      kexec_load: [246, 104],
      kexec_file_load: [320, 294],
      uselib: [134, none],
      modify_ldt: [154, none],
      set_thread_area: [205, none],
      get_thread_area: [211, none],
      lsm_get_self_attr: [459, 459],
      lsm_set_self_attr: [460, 460],
      lsm_list_modules: [461, 461],
    },
  },
  {
    answer: "EPERM",
    why: "keys of the account",
    calls: {
      keyctl: [250, 219],
      add_key: [248, 217],
      request_key: [249, 218],
    },
  },
  {
    answer: "EPERM",
    why: "memory that no limit of a file or a process counts",
    calls: {
      memfd_create: [319, 279],
      memfd_secret: [447, 447],
      shmget: [29, 194],
      shmat: [30, 196],
      shmctl: [31, 195],
      shmdt: [67, 197],
      semget: [64, 190],
      semop: [65, 193],
      semctl: [66, 191],
      semtimedop: [220, 192],
      msgget: [68, 186],
      msgsnd: [69, 189],
      msgrcv: [70, 188],
      msgctl: [71, 187],
      mq_open: [240, 180],
      mq_unlink: [241, 181],
      mq_timedsend: [242, 182],
      mq_timedreceive: [243, 183],
      mq_notify: [244, 184],
      mq_getsetattr: [245, 185],
      vmsplice: [278, 75],
      mlock: [149, 228],
      mlock2: [325, 284],
      mlockall: [151, 230],
      munlock: [150, 229],
      munlockall: [152, 231],
      remap_file_pages: [216, 234],
    },
  },
  {
    answer: "EPERM",
    why: "where memory is, and what of others' files is in it",
    calls: {
      mbind: [237, 235],
      set_mempolicy: [238, 237],
      set_mempolicy_home_node: [450, 450],
      get_mempolicy: [239, 236],
      move_pages: [279, 239],
      migrate_pages: [256, 238],
      mincore: [27, 232],
      readahead: [187, 213],
    },
  },
  {
    answer: "EPERM",
    why: "named pipes and devices",
    calls: {
      mknod: [133, none],
      mknodat: [259, 33],
    },
  },
  {
    answer: "EPERM",
    why: "files by numbers instead of names, past the directories that a jail sees",
    calls: {
      name_to_handle_at: [303, 264],
      open_by_handle_at: [304, 265],
    },
  },
  {
    answer: "EPERM",
    why: "watches of whole file systems",
    calls: {
      fanotify_init: [300, 262],
      fanotify_mark: [301, 263],
    },
  },
  {
    answer: "EPERM",
    why: "making the machine write everybody's data to the disk",
    calls: {
      sync: [162, 81],
      syncfs: [306, 267],
      sync_file_range: [277, 84],
    },
  },
  {
    answer: "EPERM",
    why: "asynchronous reading and writing, whose places are counted for the whole machine",
    calls: {
      io_setup: [206, 0],
      io_destroy: [207, 1],
      io_submit: [209, 2],
      io_cancel: [210, 3],
      io_getevents: [208, 4],
      io_pgetevents: [333, 292],
    },
  },
  {
    answer: "EPERM",
    why: "signals with data, which are queued for the whole account",
    calls: {
      rt_sigqueueinfo: [129, 138],
      rt_tgsigqueueinfo: [297, 240],
    },
  },
  {
    answer: "EPERM",
    why: "other identities",
    calls: {
      setuid: [105, 146],
      setgid: [106, 144],
      setreuid: [113, 145],
      setregid: [114, 143],
      setresuid: [117, 147],
      setresgid: [119, 149],
      setfsuid: [122, 151],
      setfsgid: [123, 152],
      setgroups: [116, 159],
      capset: [126, 91],
      personality: [135, 92],
    },
  },
  {
    answer: "EPERM",
    why: "scheduling classes and the disk's priorities",
    calls: {
      sched_setscheduler: [144, 119],
      sched_setparam: [142, 118],
      sched_setattr: [314, 274],
      ioprio_set: [251, 30],
      ioprio_get: [252, 31],
    },
  },
  {
    answer: "EPERM",
    why: "the machine's clock",
    calls: {
      settimeofday: [164, 170],
      clock_settime: [227, 112],
      adjtimex: [159, 171],
      clock_adjtime: [305, 266],
    },
  },
  {
    answer: "EPERM",
    why: "the machine",
    calls: {
      reboot: [169, 142],
      sethostname: [170, 161],
      setdomainname: [171, 162],
      swapon: [167, 224],
      swapoff: [168, 225],
      acct: [163, 89],
      quotactl: [179, 60],
      quotactl_fd: [443, 443],
      syslog: [103, 116],
      vhangup: [153, 58],
      iopl: [172, none],
      ioperm: [173, none],
      sysfs: [139, none],
      ustat: [136, none],
      nfsservctl: [180, 42],
    },
  },
  {
    answer: "EPERM",
    why: "calls that no longer exist, or never did",
    calls: {
      _sysctl: [156, none],
      afs_syscall: [183, none],
      epoll_ctl_old: [214, none],
      epoll_wait_old: [215, none],
      get_kernel_syms: [177, none],
      getpmsg: [181, none],
      putpmsg: [182, none],
      query_module: [178, none],
      security: [185, none],
      tuxcall: [184, none],
      vserver: [236, none],
    },
  },
] as const satisfies readonly CallGroup[];

type NamesIn<Group> = Group extends { readonly calls: infer Calls } ? keyof Calls & string : never;

/** Name of a call in the table. */
export type CallName = NamesIn<(typeof callGroups)[number]>;

/** The newest call that this table covers (mseal, Linux 6.10); newer ones give ENOSYS. */
export const newestJudged = 462;

const everyCall = new Map((callGroups as readonly CallGroup[]).flatMap(({ calls }) => Object.entries(calls)));

/** Number of a call on an architecture; undefined where it does not exist. */
export function numberOf(name: CallName, architecture: Architecture): number | undefined {
  const [x64, arm64] = everyCall.get(name) ?? [none, none];
  const number = architecture === "x64" ? x64 : arm64;
  return number === none ? undefined : number;
}

/** The architecture of Node.js's `process.arch`; undefined for one that is not supported. */
export function architectureOf(name: string): Architecture | undefined {
  return name === "x64" || name === "arm64" ? name : undefined;
}

/**
 * Arguments that allowed system calls may have; calls that are not listed may have any. docs/system-calls.md is
 * generated from this file.
 */
import type { CallName } from "./system-calls.ts";

/** A condition on one argument; the filter sees its number only, never what it points to. */
export interface Check {
  /** Index of the argument, from 0. */
  readonly argument: number;
  /** Allowed values ... */
  readonly only?: Readonly<Record<string, number>>;
  /** ... of these bits, if not of all ... */
  readonly mask?: number;
  /** ... or bits that may be set, and no others ... */
  readonly bits?: Readonly<Record<string, number>>;
  /** ... or bits that must not be set. */
  readonly without?: Readonly<Record<string, number>>;
  /** With `only`: values that succeed without any effect. */
  readonly ignored?: Readonly<Record<string, number>>;
  /** Error for everything else. */
  readonly error: ErrorName;
}

/** Conditions on the next argument, by the value of one. */
export interface Cases {
  readonly argument: number;
  readonly cases: readonly { readonly name: string; readonly value: number; readonly check: Check }[];
  readonly error: ErrorName;
}

/** The rule of one system call. */
export interface ArgumentRule {
  readonly call: CallName;
  readonly why: string;
  /** All must hold. */
  readonly checks: readonly (Check | Cases)[];
}

/** From asm-generic/errno-base.h and errno.h; the same on both architectures. */
export const errorNumbers = {
  EPERM: 1,
  EINVAL: 22,
  ENOTTY: 25,
  ENOSYS: 38,
  ENOPROTOOPT: 92,
  EPROTONOSUPPORT: 93,
  EOPNOTSUPP: 95,
  EAFNOSUPPORT: 97,
} as const;

export type ErrorName = keyof typeof errorNumbers;

/** A nameless file (__O_TMPFILE of fcntl.h, without O_DIRECTORY): nothing that looks for names would ever find it. */
const nameless = { O_TMPFILE: 0x400000 };

const families = { AF_UNIX: 1, AF_INET: 2, AF_INET6: 10 };
const types = { SOCK_STREAM: 1, SOCK_DGRAM: 2, SOCK_SEQPACKET: 5 };
const protocols = { "the usual one": 0, IPPROTO_TCP: 6, IPPROTO_UDP: 17 };
const socketChecks: readonly Check[] = [
  { argument: 0, only: families, error: "EAFNOSUPPORT" },
  // The rest of the number is SOCK_NONBLOCK and SOCK_CLOEXEC.
  { argument: 1, mask: 0xf, only: types, error: "EPERM" },
  { argument: 2, only: protocols, error: "EPROTONOSUPPORT" },
];
const socketReason =
  "sockets to the hypervisor (AF_VSOCK), the kernel's tables (AF_NETLINK), its ciphers (AF_ALG) and rarely tested protocols, whose modules would be loaded";

/** All rules. */
export const argumentRules: readonly ArgumentRule[] = [
  {
    call: "ioctl",
    why: "typing into terminals (TIOCSTI, TIOCLINUX), line disciplines, taking blocks past the quota (FS_IOC_RESVSP, ZERO_RANGE), shared blocks (FICLONE), attributes of files, signals to others (FIOSETOWN), and what hundreds of drivers have",
    checks: [
      {
        argument: 1,
        // asm-generic/ioctls.h. The ones called most come first.
        only: {
          TCGETS: 0x5401,
          FIOCLEX: 0x5451,
          FIONCLEX: 0x5450,
          FIONBIO: 0x5421,
          FIONREAD: 0x541b,
          TIOCGWINSZ: 0x5413,
          TIOCSWINSZ: 0x5414,
          TCSETS: 0x5402,
          TCSETSW: 0x5403,
          TCSETSF: 0x5404,
          TIOCGPGRP: 0x540f,
          TIOCSPGRP: 0x5410,
          TIOCGSID: 0x5429,
          TIOCOUTQ: 0x5411,
          TCSBRK: 0x5409,
          TCSBRKP: 0x5425,
          TCXONC: 0x540a,
          TCFLSH: 0x540b,
          TIOCNOTTY: 0x5422,
          TIOCSCTTY: 0x540e,
          TIOCGPTN: 0x80045430,
          TIOCSPTLCK: 0x40045431,
          TIOCGPTPEER: 0x5441,
          TCGETS2: 0x802c542a,
          TCSETS2: 0x402c542b,
          TCSETSW2: 0x402c542c,
          TCSETSF2: 0x402c542d,
        },
        error: "ENOTTY",
      },
    ],
  },
  {
    call: "fcntl",
    why: "leases, which hold up others who open a file (F_SETLEASE), watches (F_NOTIFY), signals to others (F_SETOWN, F_SETSIG), and memory of pipes, which is counted for the whole account (F_SETPIPE_SZ)",
    checks: [
      {
        argument: 1,
        // asm-generic/fcntl.h and linux/fcntl.h.
        only: {
          F_DUPFD: 0,
          F_GETFD: 1,
          F_SETFD: 2,
          F_GETFL: 3,
          F_SETFL: 4,
          F_GETLK: 5,
          F_SETLK: 6,
          F_SETLKW: 7,
          F_DUPFD_CLOEXEC: 1030,
          F_OFD_GETLK: 36,
          F_OFD_SETLK: 37,
          F_OFD_SETLKW: 38,
          F_GETPIPE_SZ: 1032,
        },
        error: "EPERM",
      },
    ],
  },
  {
    call: "open",
    why: "nameless files, which nothing that counts a home's files sees",
    checks: [{ argument: 1, without: nameless, error: "EOPNOTSUPP" }],
  },
  {
    call: "openat",
    why: "nameless files, which nothing that counts a home's files sees",
    checks: [{ argument: 2, without: nameless, error: "EOPNOTSUPP" }],
  },
  {
    call: "renameat2",
    why: "whiteouts (RENAME_WHITEOUT), which are devices",
    checks: [{ argument: 4, bits: { RENAME_NOREPLACE: 1, RENAME_EXCHANGE: 2 }, error: "EINVAL" }],
  },
  {
    call: "clone",
    why: "new namespaces, and children that are somebody else's",
    checks: [
      {
        argument: 0,
        // linux/sched.h; the lowest byte is the signal at the end.
        bits: {
          "a signal": 0xff,
          CLONE_VM: 0x100,
          CLONE_FS: 0x200,
          CLONE_FILES: 0x400,
          CLONE_SIGHAND: 0x800,
          CLONE_PIDFD: 0x1000,
          CLONE_VFORK: 0x4000,
          CLONE_THREAD: 0x10000,
          CLONE_SYSVSEM: 0x40000,
          CLONE_SETTLS: 0x80000,
          CLONE_PARENT_SETTID: 0x100000,
          CLONE_CHILD_CLEARTID: 0x200000,
          CLONE_DETACHED: 0x400000,
          CLONE_CHILD_SETTID: 0x1000000,
        },
        error: "EPERM",
      },
    ],
  },
  {
    call: "prctl",
    why: "hiding from whoever watches the run (PR_SET_DUMPABLE), filters of one's own, other names for the program in memory, and what processors have",
    checks: [
      {
        argument: 0,
        // linux/prctl.h.
        only: {
          PR_SET_NAME: 15,
          PR_GET_NAME: 16,
          PR_SET_PDEATHSIG: 1,
          PR_GET_PDEATHSIG: 2,
          PR_GET_DUMPABLE: 3,
          PR_GET_SECCOMP: 21,
          PR_CAPBSET_READ: 23,
          PR_SET_TIMERSLACK: 29,
          PR_GET_TIMERSLACK: 30,
          PR_SET_NO_NEW_PRIVS: 38,
          PR_GET_NO_NEW_PRIVS: 39,
        },
        // OpenSSH's sftp-server ends where this fails. Nobody in a jail can trace another process anyway.
        ignored: { PR_SET_DUMPABLE: 4 },
        error: "EPERM",
      },
    ],
  },
  {
    call: "arch_prctl",
    why: "anything but the pointers to a thread's own data, which the C library sets",
    // asm/prctl.h.
    checks: [
      {
        argument: 0,
        only: { ARCH_SET_FS: 0x1002, ARCH_GET_FS: 0x1003, ARCH_SET_GS: 0x1001, ARCH_GET_GS: 0x1004 },
        error: "EINVAL",
      },
    ],
  },
  {
    call: "mmap",
    why: "memory that stays in place (which is counted for the whole account) or comes from the machine's store of large pages",
    // asm-generic/mman.h.
    checks: [{ argument: 3, without: { MAP_LOCKED: 0x2000, MAP_HUGETLB: 0x40000 }, error: "EPERM" }],
  },
  {
    call: "madvise",
    why: "making the kernel compare everybody's memory (MADV_MERGEABLE), or take memory for broken",
    checks: [
      {
        argument: 2,
        // asm-generic/mman-common.h.
        only: {
          MADV_DONTNEED: 4,
          MADV_FREE: 8,
          MADV_NORMAL: 0,
          MADV_RANDOM: 1,
          MADV_SEQUENTIAL: 2,
          MADV_WILLNEED: 3,
          MADV_DONTFORK: 10,
          MADV_DOFORK: 11,
          MADV_HUGEPAGE: 14,
          MADV_NOHUGEPAGE: 15,
          MADV_DONTDUMP: 16,
          MADV_DODUMP: 17,
          MADV_WIPEONFORK: 18,
          MADV_KEEPONFORK: 19,
          MADV_GUARD_INSTALL: 102,
          MADV_GUARD_REMOVE: 103,
        },
        error: "EINVAL",
      },
    ],
  },
  {
    call: "prlimit64",
    why: "the limits of other processes",
    checks: [{ argument: 0, only: { oneself: 0 }, error: "EPERM" }],
  },
  {
    call: "setpriority",
    why: "the priority of whole groups and accounts",
    checks: [{ argument: 0, only: { PRIO_PROCESS: 0 }, error: "EPERM" }],
  },
  { call: "socket", why: socketReason, checks: socketChecks },
  { call: "socketpair", why: socketReason, checks: socketChecks },
  {
    call: "setsockopt",
    why: "programs in the kernel (SO_ATTACH_FILTER, SO_ATTACH_BPF), rarely tested options, and longer queues, which are memory of the kernel (SO_SNDBUF, SO_RCVBUF: a wish that the kernel need not grant)",
    checks: [
      {
        argument: 1,
        cases: [
          {
            name: "SOL_SOCKET",
            value: 1,
            check: {
              argument: 2,
              // asm-generic/socket.h.
              only: {
                SO_REUSEADDR: 2,
                SO_BROADCAST: 6,
                SO_KEEPALIVE: 9,
                SO_OOBINLINE: 10,
                SO_LINGER: 13,
                SO_REUSEPORT: 15,
                SO_PASSCRED: 16,
                SO_RCVLOWAT: 18,
                SO_RCVTIMEO: 20,
                SO_SNDTIMEO: 21,
                SO_TIMESTAMP: 29,
                SO_RCVTIMEO_NEW: 66,
                SO_SNDTIMEO_NEW: 67,
              },
              ignored: { SO_SNDBUF: 7, SO_RCVBUF: 8 },
              error: "ENOPROTOOPT",
            },
          },
          {
            name: "IPPROTO_TCP",
            value: 6,
            check: {
              argument: 2,
              // linux/tcp.h.
              only: {
                TCP_NODELAY: 1,
                TCP_MAXSEG: 2,
                TCP_CORK: 3,
                TCP_KEEPIDLE: 4,
                TCP_KEEPINTVL: 5,
                TCP_KEEPCNT: 6,
                TCP_QUICKACK: 12,
                TCP_USER_TIMEOUT: 18,
              },
              error: "ENOPROTOOPT",
            },
          },
          {
            name: "IPPROTO_IP",
            value: 0,
            check: {
              argument: 2,
              // linux/in.h.
              only: {
                IP_TOS: 1,
                IP_TTL: 2,
                IP_RECVERR: 11,
                IP_MULTICAST_IF: 32,
                IP_MULTICAST_TTL: 33,
                IP_MULTICAST_LOOP: 34,
                IP_ADD_MEMBERSHIP: 35,
                IP_DROP_MEMBERSHIP: 36,
              },
              error: "ENOPROTOOPT",
            },
          },
          {
            name: "IPPROTO_IPV6",
            value: 41,
            check: {
              argument: 2,
              // linux/in6.h.
              only: {
                IPV6_UNICAST_HOPS: 16,
                IPV6_MULTICAST_IF: 17,
                IPV6_MULTICAST_HOPS: 18,
                IPV6_MULTICAST_LOOP: 19,
                IPV6_ADD_MEMBERSHIP: 20,
                IPV6_RECVERR: 25,
                IPV6_V6ONLY: 26,
              },
              error: "ENOPROTOOPT",
            },
          },
        ],
        error: "ENOPROTOOPT",
      },
    ],
  },
];

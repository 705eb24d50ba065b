/**
 * The seccomp filter of a jail, assembled as classic BPF (struct sock_filter: code u16, jt u8, jf u8, k u32), so that no
 * library is needed. bwrap installs it from a descriptor. Everything is allowed but what system-calls.ts lists: a list of
 * what is allowed would break with each new C library, and namespaces and limits are the main walls.
 */
import { missing, named, newestJudged, numberOf, refused, unsupported, type Architecture } from "./system-calls.ts";

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

// Opcodes from linux/bpf_common.h; actions from linux/seccomp.h.
const load = 0x20; // BPF_LD | BPF_W | BPF_ABS
const jumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const jumpIfGreater = 0x25; // BPF_JMP | BPF_JGT | BPF_K
const jumpIfGreaterOrEqual = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const jumpIfAnySet = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const give = 0x06; // BPF_RET | BPF_K

const allow = 0x7fff0000;
const killProcess = 0x80000000;
const refuse = (errno: number): number => 0x00050000 | errno;

const errno = { EPERM: 1, ENOSYS: 38, EOPNOTSUPP: 95, EAFNOSUPPORT: 97 } as const;

/** Offsets in struct seccomp_data; of an argument, its low half (both machines are little-endian). */
const numberOffset = 0;
const architectureOffset = 4;
const argumentOffset = (index: number): number => 16 + index * 8;

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64. */
const auditArchitecture: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** On x86-64, numbers from here on are the x32 ABI: other numbers for the same calls. */
const x32Bit = 0x40000000;

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. (NEWTIME can't be given to clone.) */
const newNamespaces = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000;

/** AF_UNIX, AF_INET, AF_INET6; not AF_VSOCK (to the hypervisor), AF_ALG, AF_NETLINK and the other rarely tested ones. */
const socketFamilies = [1, 2, 10];

/** TIOCSTI types into a terminal, TIOCLINUX pastes into one, TIOCCONS takes the system console, TIOCSETD loads line disciplines. */
const terminalRequests = [0x5412, 0x541c, 0x541d, 0x5423];

/** F_SETPIPE_SZ: pipe memory is counted for the server's whole account. */
const setPipeSize = 1031;

/** The filter's bytes for bwrap's --seccomp. */
export function seccompFilter(architecture: Architecture): Buffer {
  return encode([
    ...onlyThisMachine(architecture),
    ...anyOf(refused, architecture, refuse(errno.EPERM)),
    ...anyOf(unsupported, architecture, refuse(errno.EOPNOTSUPP)),
    ...anyOf(missing, architecture, refuse(errno.ENOSYS)),
    [jumpIfGreater, 0, 1, newestJudged],
    [give, 0, 0, refuse(errno.ENOSYS)],
    ...argumentRule(named.clone, architecture, 0, [
      [jumpIfAnySet, 0, 1, newNamespaces],
      [give, 0, 0, refuse(errno.EPERM)],
      [give, 0, 0, allow],
    ]),
    ...argumentRule(named.socket, architecture, 0, onlyIn(socketFamilies, errno.EAFNOSUPPORT)),
    ...argumentRule(named.socketpair, architecture, 0, onlyIn(socketFamilies, errno.EAFNOSUPPORT)),
    ...argumentRule(named.ioctl, architecture, 1, notIn(terminalRequests, errno.EPERM)),
    ...argumentRule(named.fcntl, architecture, 1, notIn([setPipeSize], errno.EPERM)),
    [give, 0, 0, allow],
  ]);
}

/** A program in another ABI (32-bit, x32) would use other numbers and pass the list: it is killed. Leaves the number loaded. */
function onlyThisMachine(architecture: Architecture): Instruction[] {
  const rules: Instruction[] = [
    [load, 0, 0, architectureOffset],
    [jumpIfEqual, 1, 0, auditArchitecture[architecture]],
    [give, 0, 0, killProcess],
    [load, 0, 0, numberOffset],
  ];
  if (architecture === "x64") rules.push([jumpIfGreaterOrEqual, 0, 1, x32Bit], [give, 0, 0, killProcess]);
  return rules;
}

/** Expects the number loaded. Two instructions a call: jumps reach 255 instructions only, so none goes far. */
function anyOf(calls: Readonly<Record<string, readonly [number, number]>>, architecture: Architecture, action: number): Instruction[] {
  return Object.values(calls).flatMap((numbers): Instruction[] => {
    const number = numberOf(numbers, architecture);
    if (number === undefined) return [];
    return [
      [jumpIfEqual, 0, 1, number],
      [give, 0, 0, action],
    ];
  });
}

/** Runs `rules`, which end in an action on every path, with the argument loaded, when the call is the one given. */
function argumentRule(numbers: readonly [number, number], architecture: Architecture, index: number, rules: Instruction[]): Instruction[] {
  const number = numberOf(numbers, architecture);
  if (number === undefined) return [];
  return [[jumpIfEqual, 0, rules.length + 1, number], [load, 0, 0, argumentOffset(index)], ...rules];
}

function onlyIn(values: readonly number[], error: number): Instruction[] {
  return [
    ...values.flatMap((value): Instruction[] => [[jumpIfEqual, 0, 1, value], [give, 0, 0, allow]]),
    [give, 0, 0, refuse(error)],
  ];
}

function notIn(values: readonly number[], error: number): Instruction[] {
  return [
    ...values.flatMap((value): Instruction[] => [[jumpIfEqual, 0, 1, value], [give, 0, 0, refuse(error)]]),
    [give, 0, 0, allow],
  ];
}

function encode(instructions: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 8);
  instructions.forEach(([code, ifTrue, ifFalse, k], index) => {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(ifTrue, index * 8 + 2);
    bytes.writeUInt8(ifFalse, index * 8 + 3);
    bytes.writeUInt32LE(k >>> 0, index * 8 + 4);
  });
  return bytes;
}

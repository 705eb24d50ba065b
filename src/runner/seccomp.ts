/**
 * The seccomp filter of a jail, assembled as classic BPF (struct sock_filter: code u16, jt u8, jf u8, k u32), so that
 * no library is needed. `enclosure.py` loads it inside the jail, as the last wall. It allows what system-calls.ts lists, with the arguments
 * that call-arguments.ts lists, and answers everything else with an error.
 *
 * The numbers of the calls are cut into ranges with one answer each, and the filter finds a call's range by bisection:
 * a call costs some ten instructions. No instruction jumps back, and each path ends in an answer; so the parts need no
 * labels.
 */
import { argumentRules, errorNumbers, type Cases, type Check, type ErrorName } from "./call-arguments.ts";
import { callGroups, newestJudged, numberOf, type Architecture, type CallName } from "./system-calls.ts";

type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, k: number];

// Opcodes from linux/bpf_common.h; actions from linux/seccomp.h.
const load = 0x20; // BPF_LD | BPF_W | BPF_ABS
const and = 0x54; // BPF_ALU | BPF_AND | BPF_K
const jump = 0x05; // BPF_JMP | BPF_JA
const jumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const jumpIfGreaterOrEqual = 0x35; // BPF_JMP | BPF_JGE | BPF_K
const jumpIfAnySet = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const give = 0x06; // BPF_RET | BPF_K

const allow = 0x7fff0000;
const killProcess = 0x80000000;
/** Success without any effect: error 0. */
const pretend = 0x00050000;
const refuse = (error: ErrorName): number => 0x00050000 | errorNumbers[error];

/** The farthest target of a conditional jump. */
const maxJump = 255;

/**
 * Offsets in struct seccomp_data; for an argument that of its low half (both architectures are little-endian), which is
 * all that the kernel reads of these.
 */
const numberOffset = 0;
const architectureOffset = 4;
const argumentOffset = (index: number): number => 16 + index * 8;

/** AUDIT_ARCH_X86_64 and AUDIT_ARCH_AARCH64. */
const auditArchitecture: Readonly<Record<Architecture, number>> = { x64: 0xc000003e, arm64: 0xc00000b7 };

/** Bit of the x32 ABI on x86-64: other numbers for the same calls. */
const x32Bit = 0x40000000;

/** Calls from one number to the next range's, and their answer. */
interface Range {
  readonly from: number;
  readonly instructions: readonly Instruction[];
}

/** Bytes of the filter, as the jail finds them at /classh/filter. */
export function seccompFilter(architecture: Architecture): Buffer {
  return encode([...onlyThisMachine(architecture), ...choose(rangesOf(architecture))]);
}

/**
 * Kills a program of another ABI (32-bit, x32), which would use other numbers. Leaves the number of the call loaded.
 */
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

/** Ranges of all numbers, in order; neighbours with the same answer are one range. */
function rangesOf(architecture: Architecture): Range[] {
  const answers = answersOf(architecture);
  const ranges: Range[] = [];
  for (let number = 0; number <= newestJudged + 1; number++) {
    // Numbers without a call, and calls added to the kernel since.
    const unknown = number > newestJudged ? "ENOSYS" : "EPERM";
    const instructions = answers.get(number) ?? [[give, 0, 0, refuse(unknown)]];
    if (!same(ranges.at(-1)?.instructions, instructions)) ranges.push({ from: number, instructions });
  }
  return ranges;
}

function answersOf(architecture: Architecture): Map<number, readonly Instruction[]> {
  const rules = new Map<string, readonly Instruction[]>(
    argumentRules.map(({ call, checks }) => [call, [...checks.flatMap(instructionsOf), [give, 0, 0, allow]]]),
  );
  const answers = new Map<number, readonly Instruction[]>();
  for (const { answer, calls } of callGroups) {
    const usual: readonly Instruction[] = [[give, 0, 0, answer === "allowed" ? allow : refuse(answer)]];
    for (const name of Object.keys(calls)) {
      const number = numberOf(name as CallName, architecture);
      if (number !== undefined) answers.set(number, rules.get(name) ?? usual);
    }
  }
  return answers;
}

function same(one: readonly Instruction[] | undefined, other: readonly Instruction[]): boolean {
  return one !== undefined && encode(one).equals(encode(other));
}

/** Finds the range of the loaded number by bisection. */
function choose(ranges: readonly Range[]): readonly Instruction[] {
  const [first, ...others] = ranges;
  if (!first || others.length === 0) return first?.instructions ?? [];
  const middle = Math.ceil(ranges.length / 2);
  const below = choose(ranges.slice(0, middle));
  const above = choose(ranges.slice(middle));
  const from = ranges[middle]?.from ?? 0;
  const skip: Instruction[] =
    below.length > maxJump
      ? [
          [jumpIfGreaterOrEqual, 0, 1, from],
          [jump, 0, 0, below.length],
        ]
      : [[jumpIfGreaterOrEqual, below.length, 0, from]];
  return [...skip, ...below, ...above];
}

/** Continues behind them when the check holds, and returns the error otherwise. */
function instructionsOf(check: Check | Cases): Instruction[] {
  if ("cases" in check) return casesOf(check);
  const { argument, only, mask, bits, without, ignored, error } = check;
  const refusal: Instruction = [give, 0, 0, refuse(error)];
  const loaded: Instruction[] = [
    [load, 0, 0, argumentOffset(argument)],
    ...(mask === undefined ? [] : [[and, 0, 0, mask] as const]),
  ];
  if (bits) return [...loaded, [jumpIfAnySet, 0, 1, ~sum(bits) >>> 0], refusal];
  if (without) return [...loaded, [jumpIfAnySet, 0, 1, sum(without)], refusal];
  const values = Object.values(only ?? {});
  const pretended = Object.values(ignored ?? {}).flatMap((value): Instruction[] => [
    [jumpIfEqual, 0, 1, value],
    [give, 0, 0, pretend],
  ]);
  // Each hit jumps over the remaining comparisons, and over the refusal.
  return [
    ...loaded,
    ...pretended,
    ...values.map((value, index): Instruction => [jumpIfEqual, values.length - index, 0, value]),
    refusal,
  ];
}

function casesOf({ argument, cases, error }: Cases): Instruction[] {
  let rest: Instruction[] = [[give, 0, 0, refuse(error)]];
  for (const { value, check } of cases.toReversed()) {
    const inside = instructionsOf(check);
    // When it holds, jump over the remaining cases.
    rest = [[jumpIfEqual, 0, inside.length + 1, value], ...inside, [jump, 0, 0, rest.length], ...rest];
  }
  return [[load, 0, 0, argumentOffset(argument)], ...rest];
}

function sum(bits: Readonly<Record<string, number>>): number {
  return Object.values(bits).reduce((all, bit) => all | bit, 0) >>> 0;
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

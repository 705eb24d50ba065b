/** docs/system-calls.md: what a program in a jail may ask of the kernel, from the tables that the filter is made of. */
import { argumentRules, type ArgumentRule, type Cases, type Check } from "../src/runner/call-arguments.ts";
import { callGroups, newestJudged, type CallAction, type CallGroup } from "../src/runner/system-calls.ts";

const groups: readonly CallGroup[] = callGroups;

const intro = [
  "A program in a jail may use the system calls of this page, and no other: a seccomp filter answers everything else with an error, so the program sees a",
  "call that failed, never a signal. (Only calls by the numbers of another machine, 32-bit or x32, end it.) The list is what Python, its standard library,",
  "numpy and the usual tools use; `test/runner/system-calls.test.ts` runs all of these under it. If a library needs more, it says which call failed with",
  "which error: look it up here.",
  "",
  "The same on x86-64 and arm64; calls that a machine does not have are left out there.",
].join("\n");

const errors: readonly { readonly answer: CallAction; readonly title: string; readonly text: string }[] = [
  {
    answer: "ENOSYS",
    title: "Not there (ENOSYS)",
    text: `Programs try these and do without. So is every call that is newer than number ${newestJudged} (Linux 6.10): nobody has looked at it yet.`,
  },
  {
    answer: "EOPNOTSUPP",
    title: "Not on this file system (EOPNOTSUPP)",
    text: "Libraries expect that a file system may lack these.",
  },
  { answer: "EPERM", title: "Refused (EPERM)", text: "Whatever has no row at all is refused as well." },
];

export function systemCallsPage(note: string): string {
  return [
    "# System calls\n",
    `${note}${intro}\n`,
    "## Allowed\n",
    table(
      ["for", "calls"],
      groupsWith("allowed").map(({ why, calls }) => [why, names(calls)]),
    ),
    "## Allowed with some arguments\n",
    "Of these, everything that is not named gets the error.\n",
    table(["call", "argument", "what it may be", "else", "what that keeps out"], argumentRules.flatMap(rows)),
    ...errors.flatMap(({ answer, title, text }) => [
      `## ${title}\n`,
      `${text}\n`,
      table(
        ["why", "calls"],
        groupsWith(answer).map(({ why, calls }) => [why, names(calls)]),
      ),
    ]),
  ].join("\n");
}

function groupsWith(answer: CallAction): CallGroup[] {
  return groups.filter((group) => group.answer === answer);
}

function names(values: Readonly<Record<string, unknown>>): string {
  return Object.keys(values)
    .map((name) => (/^\w+$/.test(name) ? `\`${name}\`` : name))
    .join(", ");
}

function rows({ call, why, checks }: ArgumentRule): string[][] {
  return checks
    .flatMap(lines)
    .map(([argument, values, error], index) =>
      index === 0 ? [`\`${call}\``, argument, values, error, why] : ["", argument, values, error, ""],
    );
}

function lines(check: Check | Cases): [argument: string, values: string, error: string][] {
  if ("cases" in check)
    return check.cases.map(({ name, check: inside }) => [
      `${check.argument + 1}: \`${name}\`, ${inside.argument + 1}`,
      valuesOf(inside),
      inside.error,
    ]);
  return [[String(check.argument + 1), valuesOf(check), check.error]];
}

function valuesOf({ only, bits, without, ignored }: Check): string {
  if (ignored) return `${names(only ?? {})}; without effect: ${names(ignored)}`;
  if (without) return `anything without ${names(without)}`;
  return bits ? `any of the bits ${names(bits)}` : names(only ?? {});
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...body].map((cells) => `| ${cells.join(" | ")} |`).join("\n") + "\n";
}

/**
 * The lines by which clients move files: `sftp` (hence scp, sshfs, WinSCP), the old scp protocol, rsync and git. Each starts that
 * program in the person's jail, and nothing else. The walls are the jail's; what is refused here would not be what a client sends.
 */
import { UserError } from "../../base/errors.ts";
import type { ToolWord } from "../../runner/tool.ts";
import { homePath } from "../../workspace/paths.ts";
import { shellWords, type ShellWord } from "../words.ts";

/** A program that moves files, with its arguments. */
export interface FileTool {
  readonly name: "sftp" | "scp" | "rsync" | "git";
  /** Where it may be installed; the first that is there is started. */
  readonly programs: readonly string[];
  /** The Debian package that has it. */
  readonly debianPackage: string;
  readonly words: readonly ToolWord[];
  /** Whether it runs nothing that lies among the files, so that others' files may be shown to it. */
  readonly runsNothing: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

/** One program: by which line it is called, and what its arguments may be. */
interface ToolShape extends Pick<FileTool, "name" | "programs" | "debianPackage" | "runsNothing" | "environment"> {
  /** The first word, without the folders before it. */
  readonly called: RegExp;
  /** The program's own arguments for those of the line; undefined when they are not what a client sends. */
  arguments(command: string, words: readonly ShellWord[]): readonly ShellWord[] | undefined;
}

const plain = (text: string): ShellWord => ({ text, pattern: undefined, inHome: false });

/** scp's flags as OpenSSH, PuTTY and WinSCP send them: to or from, recursive, times, a folder is expected, quiet, verbose. */
const scpFlags = /^-[tfrpdqv]+$/;

/** rsync's flags in one word; what follows `e` tells about the client, and is no program to start. */
const rsyncFlags = /^-(?:[a-df-zA-Z]+(?:e\.[a-zA-Z0-9.]*)?|e\.[a-zA-Z0-9.]*)$/;

/**
 * rsync's long options as its client sends them to a server, without those that name a program, a configuration or a socket, and without
 * those that only its own manual's expert uses.
 */
const rsyncOptions = new RegExp(
  `^--(${[
    "(append|append-verify|inplace|sparse|partial|delete|delete-before|delete-during|delete-after|delete-excluded|delete-delay)",
    "(force|ignore-errors|ignore-existing|existing|ignore-missing-args|delete-missing-args|prune-empty-dirs|remove-source-files)",
    "(numeric-ids|size-only|checksum|update|times|omit-dir-times|omit-link-times|delay-updates|one-file-system|no-i-r|no-inc-recursive)",
    "(safe-links|copy-unsafe-links|munge-links|keep-dirlinks|copy-dirlinks|no-implied-dirs|no-relative|dirs|links|list-only|stats|fsync)",
    "(mkpath|open-noatime|old-args|new-compress|old-compress|no-r|no-whole-file|whole-file|block-size=\\d+|timeout=\\d+|log-format=[^/]*)",
    "(max-size=[\\w.+-]+|min-size=[\\w.+-]+|max-delete=\\d+|modify-window=-?\\d+|bwlimit=[\\w.]+|stop-after=\\d+|compress-level=\\d+)",
    "(compress-choice=\\w+|checksum-choice=[\\w,]+|checksum-seed=\\d+|skip-compress=[\\w/.-]*|out-format=[^/]*|backup|suffix=[^/]*)",
    "(chmod=[\\w,=+-]+|no-times|no-perms|no-owner|no-group|no-devices|no-specials|no-super|outbuf=\\w)",
  ].join("|")})$`,
);

const shapes: readonly ToolShape[] = [
  {
    name: "sftp",
    called: /^(sftp-server|internal-sftp)$/,
    programs: ["/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/openssh/sftp-server"],
    debianPackage: "openssh-sftp-server",
    runsNothing: true,
    // It tells on standard error what it does, which is how the audit trail knows.
    arguments: () => [plain("sftp-server"), plain("-e"), plain("-l"), plain("INFO")],
  },
  {
    name: "scp",
    called: /^scp$/,
    programs: ["/usr/bin/scp"],
    debianPackage: "openssh-client",
    runsNothing: true,
    arguments(_command, words) {
      const flags = words.filter(({ text }) => text.startsWith("-") && text !== "--").map(({ text }) => text);
      const paths = words.filter(({ text }) => !text.startsWith("-"));
      const directions = new Set(flags.join("").match(/[tf]/g) ?? []);
      if (!flags.every((flag) => scpFlags.test(flag)) || directions.size !== 1 || paths.length === 0) return undefined;
      // A folder is where many files go to, so a pattern there would be a riddle.
      const named = directions.has("t") ? paths.map((path) => ({ ...path, pattern: undefined })) : paths;
      return [plain("scp"), ...flags.map(plain), plain("--"), ...named];
    },
  },
  {
    name: "rsync",
    called: /^rsync$/,
    programs: ["/usr/bin/rsync"],
    debianPackage: "rsync",
    runsNothing: true,
    arguments(_command, [server, ...words]) {
      // "." stands between the options and the paths, always.
      const dot = words.findIndex(({ text }) => text === ".");
      if (server?.text !== "--server" || dot < 0) return undefined;
      const options = words.slice(0, dot).map(({ text }) => text);
      const paths = words.slice(dot + 1);
      const expected = options.every(
        (option) => option === "--sender" || rsyncFlags.test(option) || rsyncOptions.test(option),
      );
      if (!expected || paths.length === 0 || paths.some(({ text }) => text.startsWith("-"))) return undefined;
      return [plain("rsync"), plain("--server"), ...options.map(plain), plain("."), ...paths];
    },
  },
  {
    name: "git",
    called: /^git(-upload-pack|-receive-pack|-upload-archive)?$/,
    programs: ["/usr/bin/git"],
    debianPackage: "git",
    runsNothing: false,
    // All files of a home are its owner's, whichever account of the machine wrote them.
    environment: { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" },
    arguments(command, words) {
      const [verb, ...rest] = command === "git" ? words : [plain(command.slice(4)), ...words];
      const [repository, ...more] = rest;
      const known = /^(upload-pack|receive-pack|upload-archive)$/.test(verb?.text ?? "");
      if (!known || !repository || more.length > 0 || repository.text.startsWith("-")) return undefined;
      return [plain("git"), verb ?? plain(""), { ...repository, pattern: undefined }];
    },
  },
];

/**
 * The program that a line asks for; undefined for any other line. Throws a UserError for arguments that no client sends, and for paths where
 * the program may not go.
 */
export function fileToolOf(line: string, username: string): FileTool | undefined {
  const text = line.trim().replace(/^subsystem (sftp|internal-sftp)$/, "sftp-server");
  const start = /^(?:exec )?(?:[\w/.-]*\/)?([\w-]+)(?=\s|$)/.exec(text);
  const shape = start && shapes.find(({ called }) => called.test(start[1] ?? ""));
  if (!shape) return undefined;
  const found = shape.arguments(start[1] ?? "", shellWords(text.slice(start[0].length)));
  if (!found) {
    throw new UserError(
      "usage",
      `you can't use ${shape.name} in this way here`,
      "Use it as usual from your own machine: rsync -av work/ ada@host:work/, git clone ssh://ada@host:PORT/home/ada/project, scp, sftp.",
    );
  }
  const words = found.map((word) => argumentOf(word, homePath(username)));
  if (!shape.runsNothing && words.some((word) => /^\/+students\b/.test(word.text))) {
    throw new UserError(
      "not-permitted",
      "a student's repository can't be used with your rights",
      "Its hooks are programs. Copy it: scp -r HOST:/students/USER/project .",
    );
  }
  return { ...shape, words };
}

function argumentOf({ text, pattern, inHome }: ShellWord, home: string): ToolWord {
  const shown = pattern ?? text;
  return {
    text: inHome ? `${home}${shown.slice(1)}` : shown,
    ...(pattern === undefined ? {} : { pattern: "keep" }),
  };
}

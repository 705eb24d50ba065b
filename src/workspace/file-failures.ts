/** What people read when a file operation fails: all system errors of files. */
import { systemCode, UserError } from "../base/errors.ts";
import type { NotAFile } from "./entry.ts";
import { shownFileName } from "./paths.ts";

/** Runs `work` on the file at `path`, and turns system errors into errors that its owner can understand. */
export async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error, path);
  }
}

interface Explanation {
  readonly code: UserError["code"];
  readonly message: string;
  readonly hint?: string;
}

/** The message and hint; `name` is the file's, as it may be shown. */
type Explain = (name: string) => Explanation;

const noPermission: Explain = (name) => ({
  code: "unreadable",
  message: `no permission to do this with ${name}`,
  hint: "A program may have changed its permissions; os.chmod changes them back.",
});
const diskError: Explain = (name) => ({
  code: "unreadable",
  message: `the disk has an error: ${name} can't be read or written`,
  hint: "Try again. If it happens again, tell your teacher.",
});

/** Explanations by system error. */
const explanations: ReadonlyMap<string, Explain> = new Map<string, Explain>([
  [
    "ENOENT",
    (name) => ({
      code: "file-not-found",
      message: `there is no ${name} here`,
      hint: "Perhaps it was renamed or deleted. Look at the list of files.",
    }),
  ],
  ["ENOTDIR", (name) => ({ code: "not-a-directory", message: `not a folder: ${name}` })],
  ["ENOTEMPTY", (name) => ({ code: "directory-not-empty", message: `the folder ${name} is not empty` })],
  [
    "ENAMETOOLONG",
    (name) => ({ code: "bad-path", message: `the name ${name} is too long`, hint: "Choose a shorter name." }),
  ],
  ["EACCES", noPermission],
  ["EPERM", noPermission],
  [
    "EROFS",
    (name) => ({
      code: "read-only",
      message: `the disk of ${name} is read-only`,
      hint: "Nothing can be saved there. Tell your teacher.",
    }),
  ],
  [
    "ENOSPC",
    (name) => ({
      code: "disk-full",
      message: `the disk is full: ${name} was not saved, and the old file is unchanged`,
      hint: "Your text is still here. Delete what you don't need, or tell your teacher, then save again.",
    }),
  ],
  [
    "EDQUOT",
    (name) => ({
      code: "quota-exceeded",
      message: `your account has no room left: ${name} was not saved, and the old file is unchanged`,
      hint: "Your text is still here. Delete files that you don't need, then save again.",
    }),
  ],
  ["EFBIG", (name) => ({ code: "too-large", message: `the file ${name} is too large` })],
  [
    "EINVAL",
    (name) => ({
      code: "bad-path",
      message: `you can't do that with ${name}`,
      hint: "A folder can't be moved into itself.",
    }),
  ],
  [
    "EXDEV",
    (name) => ({
      code: "bad-path",
      message: `can't move ${name} to another disk`,
      hint: "Copy it instead, then delete the old one.",
    }),
  ],
  ["EIO", diskError],
  ["ESTALE", diskError],
]);

function translate(error: unknown, path: string): unknown {
  if (error instanceof UserError) return error;
  const code = systemCode(error) ?? "";
  if (code === "EEXIST") return exists(path, error);
  if (code === "EISDIR") return notAFile(path, "directory", error);
  if (code === "ELOOP") return notAFile(path, "link", error);
  const explanation = explanations.get(code)?.(shownFileName(path));
  if (!explanation) return error; // EMFILE and the like are bugs of ours
  return new UserError(explanation.code, explanation.message, explanation.hint, { cause: error });
}

export function exists(path: string, cause?: unknown): UserError {
  return new UserError(
    "exists",
    `there is already a file or folder called ${shownFileName(path)}`,
    "Choose another name.",
    { cause },
  );
}

/** The error for something that is not a regular file. */
export function notAFile(path: string, kind: NotAFile, cause?: unknown): UserError {
  const name = shownFileName(path);
  switch (kind) {
    case "directory":
      return new UserError("not-a-file", `not a file: ${name} is a folder`, undefined, { cause });
    case "link":
      return new UserError(
        "not-a-file",
        `not a file: ${name} is a link, and classh does not follow links`,
        "Open the file that it points to.",
        { cause },
      );
    default:
      return new UserError(
        "not-a-file",
        `not a regular file: ${name} is a pipe, a socket or a device`,
        "Only regular files can be opened.",
        { cause },
      );
  }
}

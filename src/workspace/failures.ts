/** What people read when a file operation fails: every system error that files can give, in one place. */
import { systemCode, UserError } from "../base/errors.ts";
import type { NotAFile } from "./entry.ts";
import { shownName } from "./paths.ts";

/** Runs `work` on the file at `path`, and turns the system's errors into what its owner can understand. */
export async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error, path);
  }
}

function translate(error: unknown, path: string): unknown {
  if (error instanceof UserError) return error;
  const name = shownName(path);
  const failure = (code: UserError["code"], message: string, hint?: string): UserError => new UserError(code, message, hint, { cause: error });
  switch (systemCode(error)) {
    case "ENOENT":
      return failure("file-not-found", `there is no ${name} here`, "Perhaps it was renamed or deleted. Look at the list of files.");
    case "EEXIST":
      return exists(path, error);
    case "ENOTDIR":
      return failure("not-a-directory", `not a folder: ${name}`);
    case "EISDIR":
      return notAFile(path, "directory", error);
    case "ELOOP":
      return notAFile(path, "link", error);
    case "ENOTEMPTY":
      return failure("directory-not-empty", `the folder ${name} is not empty`);
    case "ENAMETOOLONG":
      return failure("bad-path", `the name ${name} is too long`, "Choose a shorter name.");
    case "EACCES":
    case "EPERM":
      return failure("unreadable", `no permission to do this with ${name}`, "A program may have changed its permissions; os.chmod changes them back.");
    case "EROFS":
      return failure("read-only", `the disk of ${name} is read-only`, "Nothing can be saved there. Tell your teacher.");
    case "ENOSPC":
      return failure("disk-full", `the disk is full: ${name} was not saved, and the old file is unchanged`, "Your text is still here. Delete what you don't need, or tell your teacher, then save again.");
    case "EDQUOT":
      return failure("quota-exceeded", `your account has no room left: ${name} was not saved, and the old file is unchanged`, "Your text is still here. Delete files that you don't need, then save again.");
    case "EFBIG":
      return failure("too-large", `the file ${name} is too large`);
    case "EINVAL":
      return failure("bad-path", `you can't do that with ${name}`, "A folder can't be moved into itself.");
    case "EXDEV":
      return failure("bad-path", `can't move ${name} to another disk`, "Copy it instead, then delete the old one.");
    case "EIO":
    case "ESTALE":
      return failure("unreadable", `the disk has an error: ${name} can't be read or written`, "Try again. If it happens again, tell your teacher.");
    default:
      return error; // EMFILE and the like are our bugs, not the person's to understand
  }
}

export function exists(path: string, cause?: unknown): UserError {
  return new UserError("exists", `there is already a file or folder called ${shownName(path)}`, "Choose another name.", { cause });
}

/** For something that is there but not a regular file. */
export function notAFile(path: string, kind: NotAFile, cause?: unknown): UserError {
  const name = shownName(path);
  switch (kind) {
    case "directory":
      return new UserError("not-a-file", `not a file: ${name} is a folder`, undefined, { cause });
    case "link":
      return new UserError("not-a-file", `not a file: ${name} is a link, and classh does not follow links`, "Open the file that it points to.", { cause });
    default:
      return new UserError("not-a-file", `not a regular file: ${name} is a pipe, a socket or a device`, "Only regular files can be opened.", { cause });
  }
}

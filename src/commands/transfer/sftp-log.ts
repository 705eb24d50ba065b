/** What sftp-server tells about its work (sftp-server(8), -l INFO): a line for each call, as OpenSSH 8 to 10 write them. */

/** Something that was done to a file. */
export interface FileOperation {
  readonly action: "put" | "get" | "remove" | "rename" | "mkdir" | "rmdir" | "link" | "set";
  readonly path: string;
  /** Set when it could not be done. */
  readonly failed?: true;
  /** For a name that moved, or a link: the new name. */
  readonly to?: string;
  /** Bytes that were read or written. */
  readonly bytes?: number;
}

/** Open files of which it is known how they were opened: more than sftp-server opens at a time. */
const maxOpen = 1024;
const maxLine = 16 * 1024;
/** sftp-server cuts what it tells at 1023 bytes; whatever is longer can't go on. */
const cutAt = 1000;

/**
 * Beginnings of what is told of a name. A name may have line ends in it, and be cut: nobody's change may go unseen by that. (A name that looks
 * like further lines can only add to what its own maker is said to have done.)
 */
const beginning =
  /^(?:forced )?(open|close|remove name|mkdir name|rmdir name|posix-rename old|rename old|symlink old|hardlink old|link old|set) "/;

/** Reads these lines, and gives what they mean. Each file counts once it is closed. */
export class SftpLog {
  readonly #told: (operation: FileOperation) => void;
  readonly #failed: () => void;
  /** Files that are open for writing. */
  readonly #written = new Set<string>();
  #rest = "";
  /** The beginning of what is told in several lines. */
  #begun: string | undefined;
  /** An operation of which the next line may say that it failed. */
  #pending: FileOperation | undefined;

  /** `failed` is called when something could not be done while a file was being written. The client is told no reason. */
  constructor(told: (operation: FileOperation) => void, failed: () => void) {
    this.#told = told;
    this.#failed = failed;
  }

  /** Takes the next piece of the log, which need not end where a line does. */
  write(piece: Buffer): void {
    const lines = (this.#rest + piece.toString("latin1")).split("\n");
    this.#rest = (lines.pop() ?? "").slice(0, maxLine);
    for (const line of lines) this.#line(Buffer.from(line.replace(/\r$/, ""), "latin1").toString());
  }

  /** The log has ended. */
  end(): void {
    if (this.#begun !== undefined) this.#cut(this.#begun);
    this.#begun = undefined;
    this.#settle(false);
  }

  #line(line: string): void {
    const text = this.#begun === undefined ? line : `${this.#begun}\n${line}`;
    this.#begun = undefined;
    if (!beginning.test(text) || isWhole(text)) this.#statement(text);
    else if (text.length < cutAt) this.#begun = text;
    else this.#cut(text);
  }

  /** Something is told of which the end is missing. */
  #cut(text: string): void {
    this.#settle(false);
    const [, verb = "", written = ""] = /^(?:forced )?([\w-]+)[^"]*"(.*)$/s.exec(text) ?? [];
    const [path = "", to] = written.split('" new "');
    const action = verb === "open" ? "put" : actions[verb];
    if (action) this.#pending = { action, path, ...(to === undefined ? {} : { to }) };
  }

  /** Tells the last operation, once it is known how it went. */
  #settle(failed: boolean): void {
    const pending = this.#pending;
    this.#pending = undefined;
    if (pending) this.#told(failed ? { ...pending, failed } : pending);
  }

  #statement(line: string): void {
    this.#settle(line.startsWith("sent status "));
    const opened = /^open "(.*)" flags (\S*) mode/s.exec(line);
    if (opened) {
      if (/WRITE|APPEND|CREATE|TRUNCATE/.test(opened[2] ?? "") && this.#written.size < maxOpen)
        this.#written.add(opened[1] ?? "");
      return;
    }
    const closed = /^(?:forced )?close "(.*)" bytes read (\d+) written (\d+)$/s.exec(line);
    if (closed) {
      this.#closed(closed[1] ?? "", Number(closed[2]), Number(closed[3]));
      return;
    }
    if (line === "sent status Failure" && this.#written.size > 0) this.#failed();
    const operation = operationOf(line);
    if (operation) this.#pending = operation;
  }

  #closed(path: string, read: number, written: number): void {
    const forWriting = this.#written.delete(path);
    const action = forWriting || written > 0 ? "put" : "get";
    this.#pending = { action, path, bytes: action === "put" ? written : read };
  }
}

/** Whether all of it is there. */
function isWhole(text: string): boolean {
  return (
    /^open ".*" flags \S* mode 0\d+$/s.test(text) ||
    /^(?:forced )?close ".*" bytes read \d+ written \d+$/s.test(text) ||
    /^mkdir name ".*" mode 0\d+$/s.test(text) ||
    /^(?:remove|rmdir) name ".*"$/s.test(text) ||
    /^(?:posix-rename|rename|symlink|hardlink|link) old ".*" new ".*"$/s.test(text) ||
    /^set ".*" (?:size|mode|modtime|owner) \S+(?: group \d+)?$/s.test(text)
  );
}

const actions: Readonly<Record<string, FileOperation["action"]>> = {
  remove: "remove",
  mkdir: "mkdir",
  rmdir: "rmdir",
  "posix-rename": "rename",
  rename: "rename",
  symlink: "link",
  hardlink: "link",
  link: "link",
  set: "set",
};

function operationOf(line: string): FileOperation | undefined {
  const one = /^(remove|mkdir|rmdir) name "(.*)"(?: mode 0\d+)?$/s.exec(line);
  if (one) return { action: one[1] as "remove" | "mkdir" | "rmdir", path: one[2] ?? "" };
  const two = /^(posix-rename|rename|symlink|hardlink|link) old "(.*)" new "(.*)"$/s.exec(line);
  if (two) return { action: two[1]?.endsWith("rename") ? "rename" : "link", path: two[2] ?? "", to: two[3] ?? "" };
  const set = /^set "(.*)" (?:mode|owner) /s.exec(line);
  return set ? { action: "set", path: set[1] ?? "" } : undefined;
}

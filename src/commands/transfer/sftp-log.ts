/** What sftp-server tells about its work (sftp-server(8), -l INFO): a line for each call, as OpenSSH 8 to 10 write them. */

/** Something that was done to a file. */
export interface FileOperation {
  readonly action: "put" | "get" | "remove" | "rename" | "mkdir" | "rmdir" | "link" | "set";
  readonly path: string;
  /** For a name that moved, or a link: the new name. */
  readonly to?: string;
  /** Bytes that were read or written. */
  readonly bytes?: number;
}

/** Open files of which it is known how they were opened: more than sftp-server opens at a time. */
const maxOpen = 1024;
const maxLine = 16 * 1024;

/** Reads these lines, and gives what they mean. Each file counts once it is closed. */
export class SftpLog {
  readonly #told: (operation: FileOperation) => void;
  readonly #failed: () => void;
  /** Files that are open for writing. */
  readonly #written = new Set<string>();
  #rest = "";

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

  #line(line: string): void {
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
    if (operation) this.#told(operation);
  }

  #closed(path: string, read: number, written: number): void {
    const forWriting = this.#written.delete(path);
    if (forWriting || written > 0) this.#told({ action: "put", path, bytes: written });
    else this.#told({ action: "get", path, bytes: read });
  }
}

function operationOf(line: string): FileOperation | undefined {
  const one = /^(remove|mkdir|rmdir) name "(.*)"(?: mode 0\d+)?$/s.exec(line);
  if (one) return { action: one[1] as "remove" | "mkdir" | "rmdir", path: one[2] ?? "" };
  const two = /^(posix-rename|rename|symlink|hardlink|link) old "(.*)" new "(.*)"$/s.exec(line);
  if (two) return { action: two[1]?.endsWith("rename") ? "rename" : "link", path: two[2] ?? "", to: two[3] ?? "" };
  const set = /^set "(.*)" (?:mode|owner) /s.exec(line);
  return set ? { action: "set", path: set[1] ?? "" } : undefined;
}

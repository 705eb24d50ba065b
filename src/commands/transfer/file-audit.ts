/** What a transfer did, for the audit trail: names and sizes, no contents. */
import type { Audit, AuditEntry } from "../../auth/audit.ts";
import { formatPath, parsePath } from "../../workspace/paths.ts";
import type { FileOperation } from "./sftp-log.ts";

/** Operations of one transfer that get an entry each; the others are only counted. */
const maxEntries = 500;

/** The entries of one transfer. */
export class FileAudit {
  readonly #audit: Audit;
  readonly #who: Pick<AuditEntry, "address"> & { readonly actor: string };
  readonly #counts = new Map<string, number>();
  #entries = 0;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(audit: Audit, who: Pick<AuditEntry, "address"> & { readonly actor: string }) {
    this.#audit = audit;
    this.#who = who;
  }

  /** Notes one operation. */
  note({ action, path: written, to: writtenTo, bytes, failed }: FileOperation): void {
    this.#counts.set(action, (this.#counts.get(action) ?? 0) + 1);
    if (action === "put") this.#bytesIn += bytes ?? 0;
    if (action === "get") this.#bytesOut += bytes ?? 0;
    if (++this.#entries > maxEntries) return;
    const path = this.#absolute(written);
    const to = writtenTo === undefined ? undefined : this.#absolute(writtenTo);
    const subject = /^\/students\/([^/]+)/.exec(to ?? path)?.[1];
    void this.#audit.record({
      ...this.#who,
      action: `file.${action}`,
      ...(subject === undefined ? {} : { subject }),
      result: failed ? "failed" : "ok",
      detail: { path, to, bytes },
    });
  }

  /** The path as it is meant: a transfer works in its home. One that can't be read as a path stays as it is. */
  #absolute(path: string): string {
    try {
      return formatPath(parsePath(path, this.#who.actor));
    } catch {
      return path;
    }
  }

  /** Writes the entry that sums a transfer up; `detail` are further facts. */
  async end(result: AuditEntry["result"], detail: NonNullable<AuditEntry["detail"]>): Promise<void> {
    const bytes = this.#entries > 0 ? { bytesIn: this.#bytesIn, bytesOut: this.#bytesOut } : {};
    const unlisted = Math.max(0, this.#entries - maxEntries) || undefined;
    await this.#audit.record({
      ...this.#who,
      action: "file.transfer",
      result,
      detail: { ...detail, ...bytes, ...Object.fromEntries(this.#counts), unlisted },
    });
  }
}

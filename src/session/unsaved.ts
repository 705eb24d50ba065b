/** Keeps the unsaved text of one session safe, and brings back what an earlier session of the same person left. */
import { explain } from "../base/error-report.ts";
import { systemCode, UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import { folderOf, nameOf } from "../workspace/paths.ts";
import type { Stamp } from "../workspace/workspace.ts";
import { freeName } from "./free-name.ts";
import type { OpenDocument } from "./open-document.ts";
import type { OpenDocuments } from "./open-documents.ts";
import type { Recovery, RecoveryEntry, SessionRecovery } from "./recovery.ts";
import type { Notice } from "./workbench-options.ts";

/** What is kept, where, and whom to tell. */
export interface UnsavedOptions {
  readonly session: string;
  readonly username: string;
  readonly documents: OpenDocuments;
  readonly recovery: Recovery;
  readonly isLive: (session: string) => boolean;
  readonly notify: (kind: Notice["kind"], text: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Why the disk takes nothing, for the person; undefined for a bug. */
function reasonOf(error: unknown): string | undefined {
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return "the server's disk is full";
    case "EROFS":
      return "the server's disk is read-only at the moment";
    case "EIO":
      return "the server's disk has an error";
    default:
      return undefined;
  }
}

/**
 * A changed text is written to the recovery directory after this time. With the time that writing takes, a killed server
 * loses no more than the last second.
 */
const recoveryMs = 750;
/** See `#isDue`. */
const charactersPerMillisecond = 1000;

/** The unsaved text of one session. */
export class Unsaved implements AsyncDisposable {
  readonly #options: UnsavedOptions;
  readonly #recovery: SessionRecovery;
  /**
   * The revision of each document that is safe (undefined after a failure), and when it was kept, on the monotonic
   * clock.
   */
  readonly #kept = new WeakMap<OpenDocument, { readonly revision: number | undefined; readonly at: number }>();
  /** Documents with text that could not be kept safe, and what the person was told about it. */
  readonly #told = new WeakMap<OpenDocument, string>();
  /** Documents restored over a file that had changed; the person has not been asked yet. */
  readonly #conflicts: OpenDocument[] = [];
  readonly #listening: readonly Disposable[];
  #keeping: Promise<boolean> | undefined;
  /** Set only while there is a text to keep or to delete. */
  #timer: Disposable | undefined;
  #disposed = false;

  constructor(options: UnsavedOptions) {
    const { documents, recovery, username, session } = options;
    this.#options = options;
    this.#recovery = recovery.forSession(username, session);
    this.#listening = [
      documents.onEdit(({ textChanged }) => textChanged && this.#keepSoon()),
      // Taken from the disk, deleted there, saved or closed.
      documents.onArrange(() => !this.#isSettled && this.#keepSoon()),
    ];
  }

  /** Keeps what is due in a moment, and again until all is safe. On a slow disk it waits for the last round instead of queueing texts. */
  #keepSoon(): void {
    if (this.#disposed) return;
    this.#timer ??= this.#options.clock.after(recoveryMs, () => {
      this.#timer = undefined;
      this.#keeping ??= this.#write((document) => this.#isDue(document)).finally(() => {
        this.#keeping = undefined;
        if (!this.#isSettled) this.#keepSoon();
      });
    });
  }

  /** Whether every text is safe as it is now, and no text is kept that is not needed any more. */
  get #isSettled(): boolean {
    return this.#options.documents.list.every((document) => {
      const kept = this.#kept.get(document);
      return document.modified ? kept?.revision === document.content.revision : kept === undefined;
    });
  }

  /**
   * Writes all texts that are not safe yet, and deletes those that are not needed any more. A failure is told once for
   * each text. Resolves with whether all are safe.
   */
  async keep(): Promise<boolean> {
    await this.#keeping;
    return await this.#write(() => true);
  }

  /**
   * Whether a document is due. Writing a large text takes everybody's time: one of 10 MiB is kept every ten seconds.
   */
  #isDue(document: OpenDocument): boolean {
    const last = this.#kept.get(document);
    return !last || this.#options.clock.monotonic() - last.at >= document.content.length / charactersPerMillisecond;
  }

  async #write(isDue: (document: OpenDocument) => boolean): Promise<boolean> {
    const { documents, clock, notify, log, session } = this.#options;
    let safe = true;
    for (const document of documents.list) {
      const { revision } = document.content;
      if (!document.modified) {
        // Undone, or replaced by the file's text: it must not come back at the next login.
        if (this.#kept.has(document)) await this.forget(document);
        continue;
      }
      if (this.#kept.get(document)?.revision === revision || !isDue(document)) continue;
      this.#kept.set(document, { revision, at: clock.monotonic() });
      const at = new Date(clock.now()).toISOString();
      try {
        await this.#recovery.keep({ path: document.path, text: document.content.text(), stamp: document.stamp, at });
        if (this.#told.delete(document))
          notify("success", `Your unsaved changes in ${document.name} are being kept safe again.`);
      } catch (error) {
        safe = false;
        // Tried again in a second, edited or not: the disk may have room by then.
        this.#kept.set(document, { revision: undefined, at: clock.monotonic() });
        const why = reasonOf(error);
        // Told once for as long as it lasts.
        if (this.#told.get(document) === (why ?? "")) continue;
        this.#told.set(document, why ?? "");
        if (why === undefined) {
          notify(
            "error",
            `Your unsaved changes can't be kept safe (${explain(error, log, { session }).message}). Save now with Ctrl-S.`,
          );
        } else {
          log.error("unsaved text can't be kept", { session, error });
          notify(
            "error",
            `Your unsaved changes can't be kept safe: ${why}. Keep working, try Ctrl-S, and tell your teacher.`,
          );
        }
      }
    }
    return safe;
  }

  /** Deletes the kept text of a document that was saved, given up, or is now kept under another path. */
  async forget(document: OpenDocument, path = document.path): Promise<void> {
    this.#kept.delete(document);
    await this.#recovery.forget(path);
  }

  /** Closes the files in which texts are kept. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#timer?.[Symbol.dispose]();
    for (const listening of this.#listening) listening[Symbol.dispose]();
    try {
      await this.#keeping;
    } finally {
      await this.#recovery[Symbol.asyncDispose]();
    }
  }

  /** Opens what earlier sessions left, as unsaved text. `open` opens a file as a person would. */
  async recover(open: (path: string) => Promise<OpenDocument>): Promise<void> {
    const { recovery, username, isLive, session, notify, log } = this.#options;
    const claim = await recovery.claim(username, isLive, session);
    const restored: string[] = [];
    const failed = new Set<RecoveryEntry>();
    for (const entry of claim.entries) {
      try {
        restored.push(await this.#restore(entry, open));
      } catch (error) {
        failed.add(entry);
        const told = explain(error, log, { session });
        notify("error", `Your unsaved changes in ${entry.path} can't be shown: ${told.message}. They are kept.`);
      }
    }
    // The texts are safe under this session's name before the old files are deleted.
    if (await this.keep()) await claim.release(failed);
    if (restored.length > 0)
      notify(
        "warning",
        `Your unsaved changes are back: ${restored.join(", ")}. Ctrl-S saves a file, Ctrl-K Ctrl-S all of them.`,
      );
    if (claim.unreadable.length > 0) {
      notify(
        "error",
        `Some unsaved text of an earlier session can't be read. It is kept on the server; tell your teacher: recovery/${claim.unreadable.join(", ")}.`,
      );
    }
  }

  /** Open documents with recovered text and a file that has changed since. Each is returned once. */
  takeConflicts(): readonly OpenDocument[] {
    return this.#conflicts.splice(0).filter((document) => this.#options.documents.list.includes(document));
  }

  async #restore({ path, text, stamp }: RecoveryEntry, open: (path: string) => Promise<OpenDocument>): Promise<string> {
    const { documents } = this.#options;
    const found = await documents.stampOf(path);
    if (found === undefined) {
      if (documents.list.some((document) => document.path === path)) return await this.#restoreBeside(path, text);
      return documents.addLost(path, text).name;
    }
    const document = await open(path);
    // Two sessions left a text each: both are there, and the person decides.
    if (document.content.modified) return await this.#restoreBeside(path, text);
    if (document.fileReadOnly) throw new UserError("read-only", "this file can no longer be changed");
    document.replaceText(text);
    if (found !== stamp && document.content.modified) {
      // The text was based on an older file: saving it must ask, as if the file had changed under an open document.
      document.stamp = stamp as Stamp | undefined;
      document.disk = "changed";
      this.#conflicts.push(document);
    }
    return document.name;
  }

  /** Restores a second text of a file, under a free name. */
  async #restoreBeside(path: string, text: string): Promise<string> {
    const { documents } = this.#options;
    const isTaken = async (other: string): Promise<boolean> =>
      documents.list.some((document) => document.path === other) || (await documents.stampOf(other)) !== undefined;
    const free = await freeName(folderOf(path), nameOf(path), isTaken);
    return `${documents.addLost(free, text, false).name} (an older version of ${nameOf(path)})`;
  }
}

/** Keeps the unsaved text of one session safe, and brings back what an earlier session of the same person left. */
import { report, UserError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Log } from "../base/log.ts";
import type { Stamp } from "../workspace/workspace.ts";
import { OpenDocument } from "./open-document.ts";
import type { OpenDocuments } from "./open-documents.ts";
import type { Recovery, RecoveryEntry, SessionRecovery } from "./recovery.ts";
import type { Notice } from "./workbench.ts";

export interface UnsavedOptions {
  readonly session: string;
  readonly username: string;
  readonly documents: OpenDocuments;
  readonly recovery: Recovery;
  readonly isLive: (session: string) => boolean;
  /** Opens a file as a person would. */
  readonly open: (path: string) => Promise<OpenDocument>;
  readonly notify: (kind: Notice["kind"], text: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

export class Unsaved {
  readonly #options: UnsavedOptions;
  readonly #recovery: SessionRecovery;
  /** The revision of each document that is safe. */
  readonly #kept = new WeakMap<OpenDocument, number>();

  constructor(options: UnsavedOptions) {
    this.#options = options;
    this.#recovery = options.recovery.forSession(options.username, options.session);
  }

  /** Writes texts that are not safe yet; a failure is told once for each text, and tried again with the next. */
  async keep(): Promise<void> {
    const { documents, clock, notify, log, session } = this.#options;
    for (const document of documents.list) {
      const { revision } = document.editor;
      if (!document.modified || this.#kept.get(document) === revision) continue;
      this.#kept.set(document, revision);
      const at = new Date(clock.now()).toISOString();
      try {
        await this.#recovery.keep({ path: document.path, text: document.editor.text(), stamp: document.stamp, at });
      } catch (error) {
        const told = report(error, log, { session });
        notify("error", `Unsaved changes can't be kept safe (${told.message}). Save now: Ctrl-S.`);
      }
    }
  }

  /** The text of a document was saved, given up, or is now kept under another path. */
  async forget(document: OpenDocument, path = document.path): Promise<void> {
    this.#kept.delete(document);
    await this.#recovery.forget(path);
  }

  /** Opens what earlier sessions left, as unsaved text. */
  async recover(): Promise<void> {
    const { recovery, username, isLive, session, notify, log } = this.#options;
    const claim = await recovery.claim(username, isLive, session);
    const restored: string[] = [];
    for (const entry of claim.entries) {
      try {
        restored.push(await this.#restore(entry));
      } catch (error) {
        const told = report(error, log, { session });
        notify("error", `Unsaved changes of ${entry.path} can't be shown: ${told.message}. They are kept.`);
        await this.#recovery.keep(entry);
      }
    }
    // Safe under this session's name before the old files go.
    await this.keep();
    await claim.release();
    if (restored.length > 0) notify("warning", `Unsaved changes are back: ${restored.join(", ")}. Ctrl-S saves them.`);
  }

  async #restore({ path, text, stamp }: RecoveryEntry): Promise<string> {
    const { documents } = this.#options;
    const found = await documents.stampOf(path);
    if (found === undefined) {
      const document = new OpenDocument(path, undefined);
      document.replaceText(text);
      documents.add(document);
      return document.name;
    }
    const document = await this.#options.open(path);
    if (document.fileReadOnly) throw new UserError("read-only", "the file can't be changed any more");
    document.replaceText(text);
    if (found !== stamp && document.editor.modified) {
      // The text was based on an older file: saving it must ask, as if the file had changed under an open document.
      document.stamp = stamp as Stamp | undefined;
      document.disk = "changed";
    }
    return document.name;
  }
}

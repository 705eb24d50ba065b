/**
 * Saving, with its questions: the file has changed meanwhile, a tab is closed, the person leaves. Nothing is lost
 * without a "yes".
 */
import { counted } from "../../base/counted.ts";
import { UserError } from "../../base/errors.ts";
import { differenceOf } from "../../session/difference.ts";
import type { OpenDocument } from "../../session/open-document.ts";
import type { Workbench } from "../../session/workbench.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import { DifferenceView } from "../views/difference-view.ts";
import type { Dialogs } from "../parts/dialogs.ts";

type LeaveAnswer = "save" | "discard" | "cancel";

/** Saving from one screen. */
export class Saving {
  readonly #view: WorkbenchView;
  readonly #workbench: Workbench;
  readonly #dialogs: Dialogs;

  constructor(view: WorkbenchView, dialogs: Dialogs) {
    this.#view = view;
    this.#workbench = view.workbench;
    this.#dialogs = dialogs;
  }

  /** Saves the active document and shows that it did. */
  async active(): Promise<void> {
    const document = this.#view.active;
    if (!document) throw new UserError("file-not-found", "no file is open", "Ctrl-N begins a new file.");
    if (await this.save(document)) this.#workbench.notices.tell("success", `Saved ${document.name}.`);
  }

  /** Saves all open documents and shows how many. */
  async all(): Promise<void> {
    const documents = this.#workbench.documents.unsaved;
    let saved = 0;
    for (const document of documents) {
      if (!(await this.save(document))) return;
      saved++;
    }
    this.#workbench.notices.tell(
      "success",
      saved === 0 ? "Everything is saved already." : `Saved ${counted(saved, "file")}.`,
    );
  }

  /**
   * Saves a document, asking which text to keep if the file has changed. False when the person cancels. Throws when the
   * file can't be written.
   */
  async save(document: OpenDocument): Promise<boolean> {
    try {
      await this.#workbench.documents.save(document);
      return true;
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== "changed-on-disk") throw error;
    }
    return this.resolveConflict(document);
  }

  /** Closes the active document, asking about unsaved changes. */
  async closeActive(): Promise<void> {
    const document = this.#view.active;
    if (!document) return;
    this.#view.refuseGuest("close these files");
    if (document.modified && !document.fileReadOnly) {
      const answer = await this.#ask(this.#dialogs, "Close file", `${document.name} has changes that are not saved.`);
      if (answer === "cancel") return;
      if (answer === "save" && !(await this.save(document))) return;
    }
    await this.#workbench.documents.close(document);
  }

  /**
   * Asks, with `dialogs`, about unsaved changes. True when the person may leave: everything is saved, or given up on
   * purpose.
   */
  async mayLeave(dialogs: Dialogs): Promise<boolean> {
    if (!this.#view.isOwn) return true; // the session goes on with whatever is not saved
    const unsaved = this.#workbench.documents.unsaved.filter((document) => !document.fileReadOnly);
    if (unsaved.length === 0) return true;
    const names = unsaved.map((document) => document.name).join(", ");
    const answer = await this.#ask(dialogs, "Quit", `Not saved yet: ${names}.`);
    if (answer === "cancel") return false;
    if (answer === "discard") {
      await this.#workbench.documents.discardUnsaved();
      return true;
    }
    for (const document of unsaved) {
      if (!(await this.save(document))) return false;
    }
    return true;
  }

  /** Asks which text to keep of a file that has changed, and keeps it. False when the person cancels. */
  async resolveConflict(
    document: OpenDocument,
    story = `${document.name} was changed outside this editor since you opened it.`,
  ): Promise<boolean> {
    for (;;) {
      const answer = await this.#dialogs.confirm<"mine" | "theirs" | "difference" | "cancel">({
        title: "The file has changed",
        text: `${story} Which text should be kept? (If you take the file's text, Ctrl-Z brings yours back.)`,
        buttons: [
          { label: "Keep mine", letter: "K", value: "mine" },
          { label: "Take the file's", letter: "T", value: "theirs" },
          { label: "See the difference", letter: "S", value: "difference" },
          { label: "Cancel", letter: "C", value: "cancel" },
        ],
        initial: 2,
        cancel: "cancel",
      });
      if (answer === "cancel") return false;
      if (answer !== "difference") {
        await (answer === "mine"
          ? this.#workbench.documents.save(document, { overwrite: true })
          : this.#workbench.documents.reload(document));
        return true;
      }
      await this.#showDifference(document);
    }
  }

  async #showDifference(document: OpenDocument): Promise<void> {
    const file = await this.#workbench.workspace.readText(document.path);
    const difference = differenceOf(file.text, document.editor.text());
    await this.#dialogs.show<void>(
      undefined,
      (close) => new DifferenceView({ name: document.name, difference, onClose: () => close() }),
    );
  }

  /** Asks about recovered texts with a file that has changed since. */
  async resolveRecovered(): Promise<void> {
    for (const document of this.#workbench.unsavedText.takeConflicts()) {
      this.#view.activate(document);
      const story = `Your unsaved changes in ${document.name} are back, but the file has changed in the meantime.`;
      if (await this.resolveConflict(document, story))
        this.#workbench.notices.tell("success", `Saved ${document.name}.`);
    }
  }

  #ask(dialogs: Dialogs, title: string, text: string): Promise<LeaveAnswer> {
    return dialogs.confirm<LeaveAnswer>({
      title,
      text,
      buttons: [
        { label: "Save", letter: "S", value: "save" },
        { label: "Don't save", letter: "D", value: "discard" },
        { label: "Cancel", letter: "C", value: "cancel" },
      ],
      initial: 0,
      cancel: "cancel",
    });
  }
}

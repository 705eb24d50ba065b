/** Handing a file over from one editing session to another: asking for it, and being asked. */
import type { HandOverRequest } from "../../session/edit-locks.ts";
import type { Workbench } from "../../session/workbench.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { Dialogs } from "../parts/dialogs.ts";
import type { Saving } from "./saving.ts";

/** The dialogs of a hand-over on one screen. */
export class FileHandover {
  readonly #view: WorkbenchView;
  readonly #workbench: Workbench;
  readonly #dialogs: Dialogs;
  readonly #saving: Saving;

  constructor(view: WorkbenchView, dialogs: Dialogs, saving: Saving) {
    this.#view = view;
    this.#workbench = view.workbench;
    this.#dialogs = dialogs;
    this.#saving = saving;
  }

  /** Asks the person whether to take over the file, which somebody else is editing, and requests it. */
  async askForIt(): Promise<void> {
    const document = this.#view.active;
    if (document?.editing.kind !== "theirs") return;
    this.#view.refuseGuest("ask for this file");
    const { name } = document.editing;
    const sure = await this.#dialogs.confirm({
      title: "Take over",
      text: `${name} is editing ${document.name}. Ask for it? If they don't answer, you get it shortly; what ${name} has not saved is kept for them.`,
      buttons: [
        { label: "Ask", letter: "A", value: true },
        { label: "Cancel", letter: "C", value: false },
      ],
      initial: 1,
      cancel: false,
    });
    if (sure) await this.#workbench.editLocks.takeOver(document);
  }

  /**
   * Asks the person to hand over a file that somebody else wants to edit. The question disappears when it has been
   * withdrawn.
   */
  async asked({ document, from, withdrawn, handOver }: HandOverRequest): Promise<void> {
    if (withdrawn.aborted) return;
    const yes = await this.#dialogs.confirm({
      title: `${from.name} asks for ${document.name}`,
      text: `${from.name} wants to edit ${document.name}. Hand it over now? Your changes are saved first. If you don't answer, it is handed over shortly, and what you have not saved is kept here.`,
      buttons: [
        { label: "Hand over", letter: "H", value: true },
        { label: "Not yet", letter: "N", value: false },
      ],
      initial: 1,
      cancel: false,
      withdrawn,
    });
    if (!yes || withdrawn.aborted) return;
    if (document.modified && !(await this.#saving.save(document))) return;
    await handOver();
    this.#workbench.notices.tell("info", `${from.name} is editing ${document.name} now.`);
  }
}

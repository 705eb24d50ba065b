import { actionOf } from "../../commands/actions.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { ActionRunner } from "../parts/action-runner.ts";
import { HelpScreen } from "../views/help-screen.ts";
import type { ClientEvents } from "./client-events.ts";
import { hasAction } from "./guest-access.ts";
import { helpSections, paletteItems } from "./menus.ts";
import type { Questions } from "./questions.ts";

/** What the menus need of their client. */
export interface MenuDialogsOptions {
  readonly view: WorkbenchView;
  readonly questions: Questions;
  readonly actionRunner: ActionRunner;
  readonly events: ClientEvents;
}

/** The help screen and the palette, with the actions that are available in this view. */
export class MenuDialogs {
  readonly #options: MenuDialogsOptions;

  constructor(options: MenuDialogsOptions) {
    this.#options = options;
  }

  /** Shows all keys. */
  showHelp(): void {
    const { view, questions } = this.#options;
    void questions.dialogs.show<void>(
      undefined,
      (close) =>
        new HelpScreen({ sections: helpSections((action) => hasAction(action, view)), onClose: () => close() }),
    );
  }

  /** Shows the palette, and runs the chosen action. */
  showPalette(): void {
    const { view, questions, actionRunner, events } = this.#options;
    const items = paletteItems((action) => hasAction(action, view));
    const choose = async (): Promise<void> => {
      const item = await questions.dialogs.pick({ title: "All commands", items, empty: "" });
      const action = item ? actionOf(item.id) : undefined;
      if (action) events.action.emit(action);
    };
    actionRunner.run("palette", () => questions.holding(choose));
  }
}

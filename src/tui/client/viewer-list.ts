import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { Dialogs } from "../parts/dialogs.ts";
import type { Notices } from "../parts/notices.ts";
import { timeOfDay } from "../../base/time-text.ts";

/** What the list needs of its client. */
export interface ViewerListOptions {
  readonly view: WorkbenchView;
  readonly dialogs: Dialogs;
  readonly notices: Notices;
}

/** The list of everybody who sees this session. */
export class ViewerList {
  readonly #options: ViewerListOptions;

  constructor(options: ViewerListOptions) {
    this.#options = options;
  }

  /** Shows the list in a dialog, or a notice when nobody is there. */
  show(): void {
    const { view, dialogs, notices } = this.#options;
    const items = view.workbench.viewers.shown.map(({ username, title, mode, since }) => ({
      id: username,
      label: title,
      detail: mode,
      keys: `since ${timeOfDay(since)}`,
    }));
    if (items.length === 0) notices.show({ kind: "info", text: "Nobody else sees this session." });
    else void dialogs.pick({ title: "Who sees this session", items, empty: "Nobody." });
  }
}

/** The consoles of the session on one screen: the list to choose from, and the questions before one is closed. */
import type { ConsoleActivity } from "../../session/console.ts";
import { consoleName } from "../../session/consoles.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import { shown } from "../../workspace/file-names.ts";
import { nameOf } from "../../workspace/paths.ts";
import type { Arrangement } from "./arrangement.ts";
import type { Questions } from "./questions.ts";

/** What switching needs of its client. */
export interface ConsoleSwitchingOptions {
  readonly view: WorkbenchView;
  readonly arrangement: Arrangement;
  readonly questions: Questions;
}

const newConsole = "new";

/** Switching between consoles on one screen. */
export class ConsoleSwitching {
  readonly #options: ConsoleSwitchingOptions;

  constructor(options: ConsoleSwitchingOptions) {
    this.#options = options;
  }

  /** Shows all consoles to choose from, and goes to the one that is chosen. */
  async choose(): Promise<void> {
    const { view, questions } = this.#options;
    const { consoles } = view.workbench;
    const all = consoles.list;
    const items = all.map((console, index) => ({
      id: String(index),
      label: `${index + 1}  ${labelOf(console.program)}`,
      detail: stateOf(console.activity),
      ...(console === consoles.shown && { keys: "shown" }),
    }));
    const item = await questions.dialogs.pick({
      title: "Consoles",
      items: [...items, { id: newConsole, label: "New console", detail: "a fresh Python without a file" }],
      empty: "There is no console of that name.",
    });
    const chosen = item && all[Number(item.id)];
    if (item?.id === newConsole) this.openNew();
    else if (chosen) {
      consoles.show(chosen);
      this.#focus();
    }
  }

  /** Opens a console without a file. */
  openNew(): void {
    this.#options.view.workbench.consoles.openNew();
    this.#focus();
  }

  /** Goes to the next (1) or previous (-1) console. */
  step(direction: 1 | -1): void {
    const { consoles, notices } = this.#options.view.workbench;
    if (consoles.list.length === 1)
      return notices.tell("info", "There is one console. Each file that you run gets its own.");
    consoles.step(direction);
    this.#focus();
  }

  /** Closes the console that is shown, after a question while something runs in it. */
  async close(): Promise<void> {
    const { view, questions } = this.#options;
    const { consoles } = view.workbench;
    const console = consoles.shown;
    const isBusy = console.activity === "running" || console.activity === "starting";
    const closes =
      !isBusy ||
      (await questions.dialogs.confirm({
        title: "Close the console",
        text: `A program runs in the ${consoleName(console)}. Closing it stops the program.`,
        buttons: [
          { label: "Close", letter: "C", value: true },
          { label: "Keep", letter: "K", value: false },
        ],
        initial: 0,
        cancel: false,
      }));
    if (closes) consoles.close(console);
  }

  #focus(): void {
    this.#options.arrangement.focusOn("console");
  }
}

function labelOf(program: string): string {
  return program === "" ? "Python, without a file" : shown(nameOf(program));
}

function stateOf(activity: ConsoleActivity): string {
  switch (activity) {
    case "starting":
      return "starts";
    case "running":
      return "running";
    case "prompt":
      return "at its prompt";
    case "failed":
      return "has failed: Enter opens its prompt";
    case "ended":
    case "off":
      return "has ended";
    default:
      return activity satisfies never;
  }
}

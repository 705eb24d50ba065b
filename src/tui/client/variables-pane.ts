/** The variables on one screen: tells the session whether they are looked at, and shows one in full. */
import { Scope } from "../../base/scope.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { Notices } from "../parts/notices.ts";
import { isTooSmallForIde } from "../views/layout.ts";
import { StepView } from "../views/step-view.ts";
import { ValueView } from "../views/value-view.ts";
import { VariablesView } from "../views/variables-view.ts";
import type { Arrangement } from "./arrangement.ts";
import type { ClientEvents } from "./client-events.ts";
import type { Questions } from "./questions.ts";

/** What the pane needs of its client. */
export interface VariablesPaneOptions {
  readonly view: WorkbenchView;
  readonly screen: Canvas;
  readonly arrangement: Arrangement;
  readonly questions: Questions;
  readonly notices: Notices;
  readonly events: ClientEvents;
}

/** The variables on one screen. */
export class VariablesPane implements AsyncDisposable {
  readonly #options: VariablesPaneOptions;
  readonly #list = new VariablesView();
  readonly #steps = new StepView();
  readonly #scope = new Scope("variables");
  /** The one that this screen has asked for in full. */
  #asked: string | undefined;
  #shownRunning = false;

  constructor(options: VariablesPaneOptions) {
    this.#options = options;
    const { arrangement } = options;
    const { consoles } = options.view.workbench;
    this.#scope.own(arrangement.onChange(() => this.follow()));
    this.#scope.own(
      consoles.followShown(({ variables }) => {
        const value = variables.onValue((whole) => whole.name === this.#asked && this.#show(whole));
        return {
          [Symbol.dispose]: () => {
            value[Symbol.dispose]();
            variables.watch(this, false);
          },
        };
      }),
    );
    this.#scope.own(consoles.onShow(() => this.follow()));
    this.follow();
  }

  /** Adapts to the size of the screen and to the arrangement of the panes. */
  follow(): void {
    const { view, screen, arrangement } = this.#options;
    const shown = !isTooSmallForIde(screen.size) && arrangement.layout().variables !== undefined;
    view.workbench.console.variables.watch(this, shown);
  }

  /** Whether it shows that something runs, and nothing does any more, or the other way round. */
  get isOutdated(): boolean {
    return this.#shownRunning !== this.#running;
  }

  draw(surface: Surface): void {
    const { view, arrangement } = this.#options;
    const { console } = view.workbench;
    const layout = arrangement.layout();
    const junction = layout.console && layout.variables && layout.console.row - layout.variables.row;
    const { active, state, stopped } = console.stepping;
    if (active) return this.#steps.draw(surface, { state, stopped, beside: layout.variablesBeside, junction });
    this.#list.draw(surface, {
      variables: console.variables.latest,
      changed: console.variables.changed,
      focused: arrangement.focus === "variables",
      running: (this.#shownRunning = this.#running),
      beside: layout.variablesBeside,
      junction,
    });
  }

  /** Handles a key, text, or the mouse. */
  handle(event: InputEvent): void {
    const { view, arrangement, notices, events } = this.#options;
    const { console } = view.workbench;
    if (console.stepping.active) return this.#stepping(event);
    const intent = this.#list.handle(event, console.variables.latest);
    if (intent?.kind === "leave") return arrangement.leaveVariables();
    if (intent?.kind === "open") {
      this.#asked = intent.name;
      if (console.activity === "prompt" || console.activity === "failed") console.variables.ask(intent.name);
      else notices.show({ kind: "info", text: "A variable can be shown in full when Python is at its prompt." });
    }
    events.variables.emit();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  #stepping(event: InputEvent): void {
    const { view, events } = this.#options;
    const intent = this.#steps.handle(event);
    const may = view.isOwn || view.participant.mayEdit;
    if (intent?.kind === "call" && may) view.workbench.console.stepping.go({ do: "frame", index: intent.index });
    if (intent) events.variables.emit();
  }

  get #running(): boolean {
    const { activity } = this.#options.view.workbench.console;
    return activity === "running" || activity === "starting";
  }

  #show(value: ConstructorParameters<typeof ValueView>[0]["value"]): void {
    this.#asked = undefined;
    void this.#options.questions.dialogs.show<void>(
      undefined,
      (close) => new ValueView({ value, onClose: () => close() }),
    );
  }
}

/** Draws the fixed layers of the screen, and passes mouse events to the pane that they hit. */
import type { Clock } from "../../base/clock.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import { shown } from "../../workspace/file-names.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { InputEvent, MouseEvent } from "../../terminal/input/event.ts";
import type { Canvas } from "../../terminal/screen.ts";
import { nameOf } from "../../workspace/paths.ts";
import { actionOf } from "../../commands/actions.ts";
import { drawConsoleTitle } from "../views/console-title.ts";
import type { FileTreeView } from "../views/file-tree-view.ts";
import { drawHeader } from "../views/header.ts";
import { drawHintLine, hintAt } from "../views/hint-line.ts";
import { isTooSmallForIde, type Layout } from "../views/layout.ts";
import { drawStatusLine, noticeRows } from "../views/status-line.ts";
import { drawTabBar, tabAt, type TabBarProps } from "../views/tab-bar.ts";
import { drawTooSmall } from "../views/too-small.ts";
import { area } from "../views/area.ts";
import type { Arrangement } from "./arrangement.ts";
import type { ClientEvents } from "./client-events.ts";
import type { ConsolePane } from "./console-pane.ts";
import type { Files } from "./files.ts";
import type { Finding } from "./finding.ts";
import { hasAction } from "./guest-access.ts";
import type { InClass } from "./in-class.ts";
import type { ClientInput } from "./input.ts";
import { hints } from "./menus.ts";
import type { Running } from "./running.ts";
import { FixedLayer, type FixedLayerName } from "./fixed-layer.ts";
import { clockText } from "../parts/times.ts";
import { statusFacts, tabOf } from "./status.ts";
import type { CurrentNotice } from "./current-notice.ts";
import type { TextPane } from "./text-pane.ts";
import type { VariablesPane } from "./variables-pane.ts";

/** What the panes show. */
export interface PanesOptions {
  readonly screen: Canvas;
  readonly view: WorkbenchView;
  readonly clock: Clock;
  readonly arrangement: Arrangement;
  readonly textPane: TextPane;
  readonly finding: Finding;
  readonly consolePane: ConsolePane;
  readonly running: Running;
  readonly tree: FileTreeView;
  readonly files: Files;
  readonly variables: VariablesPane;
  /** Gives the header's facts about a raised hand and unread messages. */
  readonly inClass: InClass;
  readonly currentNotice: CurrentNotice;
  readonly input: ClientInput;
  readonly events: ClientEvents;
}

/** The fixed layers of one client's screen: header, panes, lines. */
export class Panes {
  readonly #options: PanesOptions;
  readonly #layers: Readonly<Record<FixedLayerName, FixedLayer>>;
  /** When the console's program was started, on the monotonic clock. */
  #runningSince: number | undefined;

  // oxlint-disable-next-line max-lines-per-function -- wiring: a few lines for each pane
  constructor(options: PanesOptions) {
    this.#options = options;
    const { textPane, finding, arrangement } = options;
    const input = (event: InputEvent): void => options.input.take(event);
    const layer = (
      region: (layout: Layout) => Region | undefined,
      draw: (surface: Surface) => void,
      mouse?: (event: MouseEvent) => void,
      drawChanges?: (surface: Surface) => void,
    ): FixedLayer =>
      new FixedLayer({
        region: (size) => (isTooSmallForIde(size) ? undefined : region(arrangement.layout(size))),
        draw,
        input,
        ...(mouse && { mouse }),
        ...(drawChanges && { drawChanges }),
      });
    this.#layers = {
      header: layer(
        (layout) => layout.header,
        (surface) => this.#drawHeader(surface),
      ),
      tabs: layer(
        (layout) => layout.tabs,
        (surface) => drawTabBar(surface, this.#tabs()),
        (event) => this.#mouseTabs(event),
      ),
      editor: layer(
        (layout) => layout.editor,
        (surface) => textPane.draw(surface, this.#editorFocused, finding.search),
        (event) => this.#mouseEditor(event),
        (surface) => textPane.drawChanges(surface, this.#editorFocused, finding.search),
      ),
      find: layer(
        (layout) => layout.find,
        (surface) => finding.draw(surface),
        (event) => this.#mouseFind(event),
      ),
      console: layer(
        (layout) => layout.console,
        (surface) => this.#drawConsole(surface),
        (event) => this.#mouseConsole(event),
      ),
      variables: layer(
        (layout) => layout.variables,
        (surface) => options.variables.draw(surface),
        (event) => this.#mouseVariables(event),
      ),
      tree: layer(
        (layout) => layout.tree,
        (surface) => this.#drawTree(surface),
        (event) => this.#mouseTree(event),
      ),
      status: layer(
        (layout) => this.#statusRegion(layout),
        (surface) => this.#drawStatus(surface),
      ),
      hints: layer(
        (layout) => layout.hints,
        (surface) => drawHintLine(surface, this.#hints),
        (event) => this.#mouseHints(event),
      ),
      "too-small": new FixedLayer({
        region: (size) => (isTooSmallForIde(size) ? area(0, 0, size.columns, size.rows) : undefined),
        draw: drawTooSmall,
        input,
      }),
    };
  }

  /** All layers, back to front: a tree may cover the editor. */
  get layers(): readonly FixedLayer[] {
    return Object.values(this.#layers);
  }

  /** Draws layers again in the next frame. */
  invalidate(...names: readonly FixedLayerName[]): void {
    for (const name of names) this.#options.screen.invalidate(this.#layers[name]);
  }

  /** The layer for the focus. Any will do, because all of them pass keys to the keyboard. */
  get main(): FixedLayer {
    return this.#layers.editor;
  }

  /** Checks what the console does. True while a program runs, because its seconds go on. */
  followConsole(): boolean {
    const running = this.#options.view.workbench.console.activity === "running";
    if (!running) this.#runningSince = undefined;
    else this.#runningSince ??= this.#options.clock.monotonic();
    return running;
  }

  get #editorFocused(): boolean {
    return this.#options.arrangement.focus === "editor" && !this.#options.finding.focused;
  }

  get #hints() {
    const { arrangement, finding, consolePane, view } = this.#options;
    const { focus } = arrangement;
    const isFinding = focus === "editor" && finding.focused;
    const isReading = focus === "console" && consolePane.reading !== undefined;
    const reads = consolePane.isFinding ? "search" : "reading";
    const isStepping = (focus === "editor" || focus === "variables") && view.workbench.console.stepping.active;
    const all = hints[isStepping ? "stepper" : isFinding ? "find" : isReading ? reads : focus];
    return all.filter(({ action, guests }) => (action ? hasAction(action, view) : view.isOwn || guests));
  }

  #drawHeader(surface: Surface): void {
    const { clock, inClass } = this.#options;
    const { workbench } = this.#options.view;
    drawHeader(surface, {
      facts: inClass.facts,
      course: workbench.courseName,
      user: workbench.person.username,
      viewers: workbench.viewers.shown.length,
      clock: clockText(clock),
    });
  }

  #tabs(): TabBarProps {
    const { view, arrangement } = this.#options;
    const active = view.active ? view.documents.indexOf(view.active) : -1;
    return { tabs: view.documents.map(tabOf), active, focused: arrangement.focus === "editor" };
  }

  #drawConsole(surface: Surface): void {
    const { arrangement, clock, consolePane } = this.#options;
    const { workbench } = this.#options.view;
    const { emulator, activity, program, runsAs } = workbench.console;
    const focused = arrangement.focus === "console";
    drawConsoleTitle(surface.part(area(0, 0, surface.width)), {
      focused,
      number: workbench.consoles.list.indexOf(workbench.console) + 1,
      count: workbench.consoles.list.length,
      program: shown(nameOf(program)),
      runsAs,
      activity,
      runningSeconds: this.#runningSince === undefined ? 0 : (clock.monotonic() - this.#runningSince) / 1000,
      stopped: workbench.console.stepping.stopped,
      stopKey: this.#options.running.stopKey,
      reading: consolePane.reading,
    });
    const inset = this.#consoleInset(surface.width);
    // As wide as the program sees it, so that its lines wrap alike when they are read back.
    const width = Math.min(surface.width - inset, emulator.cols);
    consolePane.draw(surface.part(area(1, inset, width, surface.height - 1)), focused);
  }

  /** A blank column keeps the output off the tree's rule, where the emulator leaves room for it. */
  #consoleInset(width: number): number {
    return Math.max(0, Math.min(1, width - this.#options.view.workbench.console.emulator.cols));
  }

  #drawTree(surface: Surface): void {
    const { view, arrangement, tree } = this.#options;
    const { workbench } = view;
    const layout = arrangement.layout();
    const unsaved = new Set(workbench.documents.unsaved.map((document) => document.path));
    tree.draw(surface, {
      rows: view.tree.rows,
      focused: arrangement.focus === "files",
      openPath: view.active?.path,
      isModified: (path) => unsaved.has(path),
      junctions: layout.treeOverlay ? [] : rulesAt(layout).map((row) => row - (layout.tree?.row ?? 0)),
    });
  }

  /** A long message covers the rows above the status line. */
  #statusRegion({ status }: Layout): Region {
    const rows = noticeRows(this.#options.currentNotice.current, status.width);
    return rows === 1 ? status : { ...status, row: status.row - rows + 1, height: rows };
  }

  #drawStatus(surface: Surface): void {
    const { view, arrangement, currentNotice } = this.#options;
    drawStatusLine(surface, { ...statusFacts(view, arrangement.focus), notice: currentNotice.current });
  }

  #mouseTabs(event: MouseEvent): void {
    const { view, arrangement } = this.#options;
    if (event.action !== "press") return;
    const width = arrangement.layout().tabs?.width ?? 0;
    const document = view.documents[tabAt(this.#tabs(), width, event.column) ?? -1];
    if (document) view.activate(document);
    arrangement.focusOn("editor");
  }

  #mouseEditor(event: MouseEvent): void {
    const { textPane, finding, arrangement } = this.#options;
    if (event.action === "press") {
      finding.blur();
      arrangement.focusOn("editor");
    }
    textPane.mouse(event);
    this.invalidate("editor", "status");
  }

  #mouseFind(event: MouseEvent): void {
    if (event.action !== "press") return;
    this.#options.arrangement.focusOn("editor");
    this.#options.finding.handle(event);
  }

  /** Below its title, which leads to the other consoles, the console's output. */
  #mouseConsole(event: MouseEvent): void {
    const { arrangement, consolePane, view } = this.#options;
    const isTitle = event.action === "press" && event.row === 0;
    if (isTitle && view.isOwn && view.workbench.consoles.list.length > 1) {
      const action = actionOf("consoles");
      if (action) this.#options.events.action.emit(action);
      return;
    }
    const inset = this.#consoleInset(arrangement.layout().console?.width ?? 0);
    consolePane.mouse({ ...event, row: event.row - 1, column: event.column - inset });
  }

  #mouseVariables(event: MouseEvent): void {
    if (event.action === "press") this.#options.arrangement.focusOn("variables");
    this.#options.variables.handle(event);
  }

  #mouseTree(event: MouseEvent): void {
    const { arrangement, tree, view, files } = this.#options;
    if (event.action === "press") arrangement.focusOn("files");
    const intent = tree.handle(event, view.tree.rows);
    if (intent) files.handle(intent);
  }

  #mouseHints(event: MouseEvent): void {
    if (event.action !== "press") return;
    const action = this.#hints[hintAt(this.#hints, this.#options.screen.size.columns, event.column) ?? -1]?.action;
    if (action) this.#options.events.action.emit(action);
  }
}

/** The rows with horizontal rules above panes. */
function rulesAt({ console, variables, variablesBeside }: Layout): readonly number[] {
  return [console, variablesBeside ? undefined : variables].flatMap((region) => (region ? [region.row] : []));
}

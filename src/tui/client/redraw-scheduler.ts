/** Decides which layers of a client's screen are drawn again, and when, as the session changes. */
import type { Clock } from "../../base/clock.ts";
import { Scope } from "../../base/scope.ts";
import type { WorkbenchPart } from "../../session/workbench.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { FileTreeView } from "../views/file-tree-view.ts";
import type { Arrangement } from "./arrangement.ts";
import type { ClientEvents, CursorChange } from "./client-events.ts";
import type { ConsoleFit } from "./console-fit.ts";
import type { Finding } from "./finding.ts";
import type { Panes } from "./panes.ts";
import { windowTitle } from "./status.ts";
import type { VariablesPane } from "./variables-pane.ts";

/** What the scheduler follows and what it draws. */
export interface RedrawSchedulerOptions {
  readonly view: WorkbenchView;
  readonly screen: Canvas;
  readonly panes: Panes;
  readonly tree: FileTreeView;
  readonly finding: Finding;
  readonly arrangement: Arrangement;
  readonly consoleFit: ConsoleFit;
  readonly variables: VariablesPane;
  readonly events: ClientEvents;
  readonly clock: Clock;
}

/**
 * Milliseconds without a key after which the status line follows the cursor, and the longest that it stays behind. A
 * column counter that follows every key would double what a keystroke sends, and a frame of its own costs as much as a
 * key. So the line follows when typing pauses, and otherwise with the first key after the longer time, in the same
 * frame.
 */
const statusMs = 250;
const statusLatestMs = 800;
/** The running time of a program is shown in seconds, the time of day in minutes. */
const secondMs = 1000;
const minuteMs = 60_000;

/** The redrawing of one client's screen. */
export class RedrawScheduler implements AsyncDisposable {
  readonly #options: RedrawSchedulerOptions;
  readonly #scope = new Scope("following");
  #statusTimer: Disposable | undefined;
  #statusDue: number | undefined;
  /** When the cursor last moved, on the monotonic clock. */
  #moved = 0;
  /** Waits only while a program runs. */
  #ticking: Disposable | undefined;
  #minute: Disposable | undefined;
  #shownModified = false;

  constructor(options: RedrawSchedulerOptions) {
    this.#options = options;
    const { view, panes, arrangement, events, clock } = options;
    this.#scope.own(arrangement.onChange(() => this.#rearranged()));
    this.#scope.own(events.cursor.on((change) => this.#cursorChanged(change)));
    this.#scope.own(events.notice.on(() => panes.invalidate("status")));
    this.#scope.own(events.console.on(() => panes.invalidate("console", "hints")));
    this.#scope.own(events.variables.on(() => panes.invalidate("variables", "status")));
    this.#scope.own(events.tree.on(() => panes.invalidate("tree")));
    this.#scope.own(view.onChange((change) => this.changed(change)));
    this.#scope.own(view.workbench.viewers.onChange(() => panes.invalidate("header")));
    this.#scope.defer(() => {
      for (const timer of [this.#statusTimer, this.#ticking, this.#minute]) timer?.[Symbol.dispose]();
    });
    this.#followConsole();
    this.#awaitMinute(clock.monotonic() % secondMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  /** Draws again what a change of the session affects. */
  changed(change: WorkbenchPart): void {
    switch (change) {
      case "documents":
        this.#options.screen.setTitle(windowTitle(this.#options.view));
        this.#shownModified = this.#options.view.active?.modified ?? false;
        this.#followActive();
        this.#options.panes.invalidate("tabs", "editor", "tree", "status", "find");
        return;
      case "document":
        this.cursorMoved();
        return;
      case "tree":
        this.#options.panes.invalidate("tree");
        return;
      case "console":
        this.#followConsole();
        this.#options.panes.invalidate("console");
        if (this.#options.variables.isOutdated) this.#options.panes.invalidate("variables");
        if (this.#options.arrangement.focus === "console") this.#statusSoon();
        return;
      case "stepping":
        this.#options.panes.invalidate("variables", "editor", "hints", "console");
        return;
      case "variables":
        this.#options.panes.invalidate("variables");
        return;
      case "notice":
        return; // the notice itself comes through onNotice
      default:
        change satisfies never;
    }
  }

  /** Selects the open file in the tree, unless the person is working there. */
  #followActive(): void {
    const path = this.#options.view.active?.path;
    if (path !== undefined && this.#options.arrangement.focus !== "files") this.#options.tree.select(path);
    if (path === undefined) this.#options.finding.close();
  }

  /** Draws again what a move of the cursor, or a change of the text at it, affects. */
  cursorMoved(): void {
    this.#options.panes.invalidate("editor");
    const modified = this.#options.view.active?.modified ?? false;
    if (modified !== this.#shownModified) {
      this.#shownModified = modified;
      this.#options.panes.invalidate("tabs", "tree");
    }
    if (this.#options.finding.search) this.#options.panes.invalidate("find");
    this.#statusSoon();
  }

  #cursorChanged(change: CursorChange): void {
    const { view, panes } = this.#options;
    switch (change) {
      case "moved":
        return this.cursorMoved();
      case "set":
        return panes.invalidate("editor", "status");
      case "found":
        view.editor?.viewport.reveal(view.editor);
        return panes.invalidate("editor", "find", "status", "hints");
      default:
        change satisfies never;
    }
  }

  /** Adapts to the terminal's size and to the arrangement of the panes. */
  resized(): void {
    this.#options.consoleFit.fit();
    this.#options.variables.follow();
    this.#options.screen.invalidate();
  }

  #rearranged(): void {
    if (this.#options.arrangement.focus !== "editor") this.#options.finding.blur();
    this.resized();
  }

  #statusSoon(): void {
    const now = this.#options.clock.monotonic();
    this.#moved = now;
    this.#statusDue ??= now + statusLatestMs;
    if (now >= this.#statusDue) this.#showStatus();
    else if (!this.#statusTimer) this.#awaitPause(statusMs);
  }

  /** One timer for many keys: when it fires, it checks when the last key was. */
  #awaitPause(ms: number): void {
    const { clock } = this.#options;
    this.#statusTimer = clock.after(ms, () => {
      const left = this.#moved + statusMs - clock.monotonic();
      if (left > 0) this.#awaitPause(left);
      else this.#showStatus();
    });
  }

  #showStatus(): void {
    this.#statusTimer?.[Symbol.dispose]();
    this.#statusTimer = undefined;
    this.#statusDue = undefined;
    this.#options.panes.invalidate("status");
  }

  /** A program's running time goes on by itself; what else the console shows changes with an event. */
  #followConsole(): void {
    const { panes, clock } = this.#options;
    if (!panes.followConsole()) {
      this.#ticking?.[Symbol.dispose]();
      this.#ticking = undefined;
      return;
    }
    this.#ticking ??= clock.every(secondMs, () => {
      this.#followConsole();
      panes.invalidate("console");
    });
  }

  /** Draws the time of day, `late` milliseconds after each minute began: everybody has a moment of their own, since all screens at once would hold back everybody's keys. */
  #awaitMinute(late: number): void {
    const { clock, panes } = this.#options;
    const left = minuteMs - (clock.now() % minuteMs) + late;
    this.#minute = clock.after(left, () => {
      panes.invalidate("header");
      this.#awaitMinute(late);
    });
  }
}

/**
 * One person's terminal on one session. Everything that belongs to a screen and not to the work is here: focus, pending chord,
 * scroll positions, dialogs, the sentence in the status line. A reconnect is a new client of the same workbench.
 */
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Seat } from "../../classroom/seat.ts";
import type { Scope } from "../../base/scope.ts";
import { isFor, type Action } from "../../commands/actions.ts";
import type { Destination, Ide, Pane } from "../../commands/ide.ts";
import type { EditorCommandName } from "../../editor/commands.ts";
import type { Participant } from "../../editor/participant.ts";
import type { Workbench } from "../../session/workbench.ts";
import type { WorkbenchView } from "../../session/workbench-view.ts";
import type { InputEvent } from "../../terminal/input/event.ts";
import type { Canvas } from "../../terminal/screen.ts";
import type { TreeIntent } from "../views/file-tree.ts";
import { HelpScreen } from "../views/help-screen.ts";
import { isTooSmall } from "../views/layout.ts";
import type { Message } from "../views/status-line.ts";
import { Arrangement } from "./arrangement.ts";
import { askLine } from "./ask-line.ts";
import { Dialogs } from "../parts/dialogs.ts";
import { Editing } from "./editing.ts";
import { Following } from "./following.ts";
import { Files } from "./files.ts";
import { Finding } from "./finding.ts";
import { Guard } from "../parts/guard.ts";
import { mayDo, mayRun } from "./guest-access.ts";
import { Handing } from "./handing.ts";
import { HeldInput } from "./held-input.ts";
import { InClass } from "./in-class.ts";
import { Keyboard } from "./keyboard.ts";
import { actionOf, helpSections, paletteItems } from "./menus.ts";
import { Notices } from "../parts/notices.ts";
import { Panes } from "./panes.ts";
import { Passwords } from "./passwords.ts";
import { Running } from "./running.ts";
import { Saving } from "./saving.ts";
import { timeOfDay } from "../parts/times.ts";
import { Typing } from "./typing.ts";

export interface ClientOptions {
  readonly scope: Scope;
  readonly screen: Canvas;
  readonly workbench: Workbench;
  /** Who looks; without it the person whose session it is. A guest has a view of their own, and writes only while `mayEdit`. */
  readonly participant?: Participant | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Throws a UserError that says what is wrong with the new password. */
  readonly changePassword: (old: string, fresh: string) => Promise<void>;
  /** Ends the person's other terminals and connections, after a change of the password. */
  readonly endOthers?: (() => Promise<void>) | undefined;
  /** The same for the first login, which has just proved that the person knows the old one. */
  readonly setFirstPassword?: ((fresh: string) => Promise<void>) | undefined;
  /** The person's place in the class; without it nobody raises a hand or gets messages here. */
  readonly seat?: Seat | undefined;
  /** The person leaves, and may. */
  readonly leave: () => void;
  /** The person goes somewhere else for a while; without this there is nowhere to go. */
  readonly go?: ((to: Destination) => void) | undefined;
  /** Asks whom to attach to; undefined when the person gave up. */
  readonly whom?: ((dialogs: Dialogs) => Promise<string | undefined>) | undefined;
}

export class Client implements Ide {
  readonly workbench: Workbench;
  readonly view: WorkbenchView;
  readonly guard: Guard;
  readonly inClass: InClass;
  readonly #options: ClientOptions;
  readonly #screen: Canvas;
  readonly #arrangement = new Arrangement();
  readonly #notices: Notices;
  readonly #dialogs: Dialogs;
  /** Questions that only the person's own hands answer: whoever drives finds them closed. */
  readonly #personal: Dialogs;
  readonly #editing: Editing;
  readonly #finding: Finding;
  readonly #files: Files;
  readonly #saving: Saving;
  readonly #running: Running;
  readonly #handing: Handing;
  readonly #passwords: Passwords;
  readonly #keyboard: Keyboard;
  readonly #panes: Panes;
  readonly #typing: Typing;
  readonly #held: HeldInput;
  readonly #following: Following;

  constructor(options: ClientOptions) {
    const { scope, screen, workbench, clock, log } = options;
    this.#options = options;
    this.#screen = screen;
    this.workbench = workbench;
    this.view = scope.own(workbench.openView(options.participant));
    const { view } = this;
    this.#notices = scope.own(new Notices(clock, () => this.#panes.invalidate("status")));
    const show = (message: Message): void => this.#notices.show(message);
    this.guard = new Guard({ clock, log, show, setProgress: (text) => this.#notices.setProgress(text) });
    this.#dialogs = scope.own(new Dialogs(screen, () => this.#dialogChanged()));
    this.#personal = scope.own(new Dialogs(screen, () => this.#dialogChanged(), () => view.isDriven));
    scope.own(workbench.viewers.onChange(() => view.isDriven && this.#personal.giveUp()));
    this.#held = new HeldInput({ isAsking: () => this.#isAsking, replay: (event) => screen.dispatch(event) });
    this.#editing = new Editing(view);
    this.#finding = new Finding({
      view,
      resized: (rows) => this.#rearrange(() => this.#arrangement.setFindRows(rows)),
      changed: () => this.#following.showCursor(),
      show,
    });
    this.#passwords = new Passwords({ dialogs: this.#personal, firstDialogs: this.#dialogs, guard: this.guard, change: options.changePassword, setFirst: options.setFirstPassword });
    this.#saving = new Saving(view, this.#dialogs);
    this.#running = new Running(view, this.#dialogs, this.#saving);
    this.#handing = new Handing(view, this.#dialogs, this.#saving);
    this.#files = new Files({
      view,
      dialogs: this.#dialogs,
      run: (name, work) => this.guard.run(name, () => this.holding(work)),
      selectedRow: () => (this.focused === "files" ? this.#panes.tree.selected(view.tree.rows) : undefined),
      select: (path) => this.#panes.tree.select(path),
      focusEditor: () => this.focus("editor"),
    });
    this.#keyboard = new Keyboard({
      pane: () => this.focused,
      intercept: (event) => this.focused === "editor" && this.#finding.focused && this.#finding.handle(event),
      run: (action) => this.#run(action),
      pass: (event, pane) => this.#typing.pass(event, pane),
      unknownChord: (keys) => this.#notices.show({ kind: "warning", text: `${keys} does nothing. F1 shows all keys.` }),
      chordChanged: () => this.#panes.invalidate("status"),
    });
    this.inClass = new InClass({ seat: options.seat, scope, screen, dialogs: this.#personal, guard: this.guard, show, changed: () => screen.invalidate(), clock });
    this.#panes = new Panes({
      screen, view, clock,
      arrangement: this.#arrangement,
      editing: this.#editing,
      finding: this.#finding,
      message: () => this.#message(),
      facts: () => this.inClass.facts,
      input: (event) => this.#input(event),
      focus: (pane) => this.focus(pane),
      run: (action) => this.#run(action),
      has: (action) => this.#has(action),
      onTree: (intent) => this.#onTree(intent),
    });
    this.#typing = new Typing({
      view,
      editing: this.#editing,
      tree: this.#panes.tree,
      onTree: (intent) => this.#onTree(intent),
      edited: () => this.#following.cursorMoved(),
      show,
      takeOver: () => this.guard.run("take-over", () => this.#handing.askForIt()),
    });
    this.#following = scope.own(
      new Following({ view, screen, panes: this.#panes, editing: this.#editing, finding: this.#finding, notices: this.#notices, focused: () => this.focused, clock }),
    );
    for (const sheet of this.#panes.sheets) scope.own(screen.push(sheet));
    scope.own(screen.push(this.inClass.bar));
    screen.focus(this.#panes.main);
    if (view.isOwn) scope.own(workbench.onAsked((request) => this.guard.run("hand-over", () => this.#handing.asked(request))));
    scope.own(workbench.onNotice((notice) => (view.isOwn || notice.to !== "owner") && this.#notices.show(notice)));
    scope.defer(() => workbench.console.fit(this, undefined));
    this.resized();
    this.#following.changed("documents");
  }

  get focused(): Pane {
    return this.#arrangement.focus;
  }

  /** The size that the console has on this screen. */
  get consoleSize() {
    const { columns, rows } = this.#arrangement.consoleSize(this.#screen.size);
    return { columns: Math.max(1, columns - 1), rows };
  }

  /** The terminal has another size now. */
  resized(): void {
    // A guest never resizes what the student sees.
    if (this.view.isOwn && !isTooSmall(this.#screen.size)) this.workbench.console.fit(this, this.consoleSize);
    this.#screen.invalidate();
  }

  focus(pane: Pane): void {
    if (pane === this.focused) return;
    this.#rearrange(() => this.#arrangement.focusOn(pane));
  }

  toggleFiles(): void {
    this.#rearrange(() => this.#arrangement.toggleFiles(this.#screen.size));
  }

  nextPane(): void {
    this.focus(this.#arrangement.next(this.#screen.size));
  }

  showHelp(): void {
    void this.#dialogs.show<void>(undefined, (close) => new HelpScreen({ sections: helpSections((action) => this.#has(action)), onClose: () => close() }));
  }

  showPalette(): void {
    const items = paletteItems((action) => this.#has(action));
    const choose = async (): Promise<void> => {
      const item = await this.#dialogs.pick({ title: "All commands", items, empty: "" });
      const action = item ? actionOf(item.id) : undefined;
      if (action) this.#run(action);
    };
    this.guard.run("palette", () => this.holding(choose));
  }

  askOpen(): void {
    this.#files.ask("open");
  }

  askNewFile(): void {
    this.#files.ask("new-file");
  }

  askNewFolder(): void {
    this.#files.ask("new-folder");
  }

  askRename(): void {
    this.#files.ask("rename");
  }

  askDelete(): void {
    this.#files.ask("delete");
  }

  askGoToLine(): void {
    const ask = async (): Promise<void> => {
      const { editor } = this.view;
      const line = editor && (await askLine(this.#dialogs, editor.lineCount));
      if (line === undefined) return;
      this.#editing.goToLine(line);
      this.#panes.invalidate("editor", "status");
    };
    this.guard.run("ask-go-to-line", () => this.holding(ask));
  }

  find(): void {
    this.#finding.open(false);
  }

  replace(): void {
    this.#finding.open(true);
  }

  findStep(direction: 1 | -1): void {
    this.#finding.step(direction);
  }

  save(): Promise<void> {
    return this.#saving.saveActive();
  }

  saveAll(): Promise<void> {
    return this.#saving.saveAll();
  }

  /** The console gets the focus, and what is typed from now on: the program may ask for input at once. */
  run(): Promise<void> {
    return this.holding(async () => {
      if (await this.#running.run()) this.focus("console");
    });
  }

  closeTab(): Promise<void> {
    return this.#saving.closeActive();
  }

  async quit(): Promise<void> {
    // There is no room for a question: unsaved work is kept and comes back at the next login.
    if (isTooSmall(this.#screen.size) || (await this.#saving.mayLeave(this.#personal))) this.#options.leave();
  }

  edit(command: EditorCommandName): void {
    this.#editing.run(command);
    this.#following.cursorMoved();
  }

  copy(): void {
    this.#toClipboard(this.#editing.copy());
  }

  cut(): void {
    this.#toClipboard(this.#editing.cut());
  }

  paste(): void {
    if (!this.#editing.paste()) this.#typing.tellReadOnly();
    this.#following.cursorMoved();
  }

  go(to: Destination): void {
    this.#options.go?.(to);
  }

  askWhom(): void {
    this.guard.run("ask-whom", async () => {
      const username = await this.#options.whom?.(this.#personal);
      if (username !== undefined) this.go({ kind: "watch", username });
    });
  }

  showViewers(): void {
    const items = this.workbench.viewers.shown.map(({ username, title, mode, since }) => ({ id: username, label: title, detail: mode, keys: `since ${timeOfDay(since)}` }));
    if (items.length === 0) this.#notices.show({ kind: "info", text: "Nobody else sees this session." });
    else void this.#dialogs.pick({ title: "Who sees this session", items, empty: "Nobody." });
  }

  askPassword(): void {
    this.guard.run("ask-password", async () => {
      const done = await this.#passwords.ask("Change your password", "Choose a new password: at least 10 characters, or a few words.");
      if (!done) return;
      const ended = await this.#askEndOthers();
      this.#notices.show({ kind: "success", text: ended ? "Your password is changed, and your other sessions are ended." : "Your password is changed." });
    });
  }

  /** Whoever knew the old password may still be in. */
  async #askEndOthers(): Promise<boolean> {
    const { endOthers } = this.#options;
    if (!endOthers) return false;
    const wanted = await this.#personal.confirm<boolean>({
      title: "Your password is changed",
      text: "End your other sessions as well? Whoever is logged in as you in another terminal has to leave, and needs the new password.",
      buttons: [
        { label: "End them", letter: "E", value: true },
        { label: "Leave them", letter: "L", value: false },
      ],
      initial: 1,
      cancel: false,
    });
    if (wanted) await endOthers();
    return wanted;
  }

  /** The form of the first login: true when the person has a new password, false when they gave up. */
  askFirstPassword(title: string, reason: string): Promise<boolean> {
    return this.#passwords.askFirst(title, reason);
  }

  /** Asks about unsaved texts of an earlier session whose files have changed. */
  settleRecovered(): Promise<void> {
    return this.#saving.resolveRecovered();
  }

  /** Tells something that has to be read. */
  async tell(title: string, text: string): Promise<void> {
    await this.#dialogs.confirm<void>({ title, text, buttons: [{ label: "Understood", letter: "U", value: undefined }], initial: 0, cancel: undefined });
  }

  /**
   * Keeps what is typed, past the dialogs that `work` shows, until it has ended: what follows the Enter of a question belongs to
   * what the answer leads to.
   */
  holding(work: () => Promise<void>): Promise<void> {
    return this.#held.during(work);
  }

  #input(event: InputEvent): void {
    const leaves = event.kind === "key" && event.name === "Ctrl-Q";
    if (event.kind === "key" && event.name === "Ctrl-C" && !this.#isAsking && this.#running.stopCopying()) return;
    if (!leaves && this.#held.take(event)) return;
    if (event.kind === "key" || event.kind === "text") this.#notices.keyPressed();
    if (event.kind === "key" && event.name === "Escape") this.inClass.escaped();
    if (isTooSmall(this.#screen.size) && !leaves) return;
    this.guard.run("key", () => this.#keyboard.handle(event));
  }

  #dialogChanged(): void {
    this.#screen.invalidate();
    this.#held.release();
  }

  get #isAsking(): boolean {
    return this.#dialogs.isOpen || this.#personal.isOpen;
  }

  #has(action: Action): boolean {
    return isFor(action, this.workbench.person.role) && mayRun(action, this.view);
  }

  #run(action: Action): void {
    if (!isFor(action, this.workbench.person.role)) return;
    if (!mayRun(action, this.view)) return this.#tellGuest();
    if (action.personal && this.view.isDriven) return this.#notices.show({ kind: "warning", text: "Only the person whose session it is can do that." });
    this.guard.run(action.id, () => action.run(this));
  }

  #tellGuest(): void {
    this.#notices.show({ kind: "warning", text: `Only ${this.workbench.owner.name} can do that.` });
  }

  #onTree(intent: TreeIntent): void {
    this.#panes.invalidate("tree");
    if (!mayDo(intent, this.view)) return this.#tellGuest();
    if (intent.kind === "leave") this.focus("editor");
    else this.#files.handle(intent);
  }

  #rearrange(change: () => void): void {
    change();
    if (this.focused !== "editor") this.#finding.blur();
    this.resized();
  }

  #message() {
    const { chord } = this.#keyboard;
    if (chord !== undefined) return { kind: "info" as const, text: `${chord} … press the next key, Esc to cancel` };
    return this.#isAsking ? this.#notices.notice : this.#notices.current;
  }

  #toClipboard(text: string): void {
    if (text !== "") this.#screen.copy(text);
    this.#following.cursorMoved();
  }
}

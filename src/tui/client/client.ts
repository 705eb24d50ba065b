/**
 * One terminal on one session. Everything that belongs to a screen and not to the work is here: the focus, a pending
 * chord, scroll positions, dialogs, the sentence in the status line. A reconnect is a new client of the same workbench.
 *
 * A client consists of its parts, built in order: each one knows those that were built before it, and reaches those
 * that are built later through `ClientEvents`. Actions address the parts directly.
 */
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Seat } from "../../classroom/seat.ts";
import type { Scope } from "../../base/scope.ts";
import { isFor, type Action, type Ide } from "../../commands/actions.ts";
import type { Destination } from "../../commands/destination.ts";
import type { Participant } from "../../editor/participant.ts";
import type { Workbench } from "../../session/workbench.ts";
import { WorkbenchView } from "../../session/workbench-view.ts";
import type { Canvas } from "../../terminal/screen.ts";
import { FileTreeView } from "../views/file-tree-view.ts";
import { Arrangement } from "./arrangement.ts";
import { ClientEvents } from "./client-events.ts";
import { ConsolePane } from "./console-pane.ts";
import { ConsoleSwitching } from "./console-switching.ts";
import { ConsoleFit } from "./console-fit.ts";
import type { Dialogs } from "../parts/dialogs.ts";
import { Editing } from "./editing.ts";
import { Failures } from "./failures.ts";
import { RedrawScheduler } from "./redraw-scheduler.ts";
import { Files } from "./files.ts";
import { Finding } from "./finding.ts";
import { ActionRunner } from "../parts/action-runner.ts";
import { mayRun, ownerOnly } from "./guest-access.ts";
import { FileHandover } from "./file-handover.ts";
import { InClass } from "./in-class.ts";
import { ClientInput } from "./input.ts";
import { Keyboard } from "./keyboard.ts";
import { Leaving } from "./leaving.ts";
import { MenuDialogs } from "./menu-dialogs.ts";
import { Notices } from "../parts/notices.ts";
import { Panes } from "./panes.ts";
import { Passwords } from "./password-change.ts";
import { PicturePreview } from "./picture-preview.ts";
import { Questions } from "./questions.ts";
import { Running } from "./running.ts";
import { Saving } from "./saving.ts";
import { CurrentNotice } from "./current-notice.ts";
import { Stepper } from "./stepper.ts";
import { TextPane } from "./text-pane.ts";
import { Typing } from "./typing.ts";
import { VariablesPane } from "./variables-pane.ts";
import { ViewerList } from "./viewer-list.ts";

/** What a client is made from. */
export interface ClientOptions {
  readonly scope: Scope;
  readonly screen: Canvas;
  readonly workbench: Workbench;
  /**
   * The guest who looks through this client; by default the session's owner. A guest has a view of their own, and types
   * only while `mayEdit` is set.
   */
  readonly participant?: Participant | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Changes the password. Throws a UserError that says what is wrong with the new one. */
  readonly changePassword: (old: string, fresh: string) => Promise<void>;
  /** Throws a UserError that says where to change a password that isn't kept here. */
  readonly refusePasswordElsewhere?: (() => void) | undefined;
  /** Ends the person's other terminals and connections, after a change of the password. */
  readonly endOthers?: (() => Promise<void>) | undefined;
  /** Sets the password of a first login, in which the person has just given the initial one. */
  readonly setFirstPassword?: ((fresh: string) => Promise<void>) | undefined;
  /** The person's seat in the class; without it there are no hands and no messages here. */
  readonly seat?: Seat | undefined;
  /** Called when the person leaves, after the questions about unsaved changes. */
  readonly leave: () => void;
  /** Called when the person goes to another screen for a while; without it there is none. */
  readonly go?: ((to: Destination) => void) | undefined;
  /** Asks which student to attach to; undefined when the person cancels. */
  readonly whom?: ((dialogs: Dialogs) => Promise<string | undefined>) | undefined;
}

/** A client: the parts of one screen on a session, open until its scope closes. */
export class Client implements Ide {
  readonly workbench: Workbench;
  readonly view: WorkbenchView;
  readonly actionRunner: ActionRunner;
  readonly arrangement: Arrangement;
  readonly questions: Questions;
  readonly menus: MenuDialogs;
  readonly files: Files;
  readonly saving: Saving;
  readonly running: Running;
  readonly editing: Editing;
  readonly consolePane: ConsolePane;
  readonly consoles: ConsoleSwitching;
  readonly preview: PicturePreview;
  readonly finding: Finding;
  readonly failures: Failures;
  readonly passwords: Passwords;
  readonly leaving: Leaving;
  readonly viewers: ViewerList;
  readonly inClass: InClass;
  readonly #notices: Notices;
  readonly #following: RedrawScheduler;

  // oxlint-disable-next-line max-lines-per-function -- wiring: a few lines for each part, in the order in which they need each other
  constructor(options: ClientOptions) {
    const { scope, screen, workbench, clock, log, leave, go, whom } = options;
    const events = new ClientEvents();
    const view = scope.own(new WorkbenchView(workbench, options.participant));
    const notices = scope.own(new Notices(clock, () => events.notice.emit()));
    const actionRunner = new ActionRunner({
      clock,
      log,
      show: (notice) => notices.show(notice),
      setProgress: (text) => notices.setProgress(text),
    });
    const questions = scope.own(new Questions(view, screen));
    const { dialogs, personal } = questions;
    const arrangement = new Arrangement(screen);
    const tree = new FileTreeView();
    this.workbench = workbench;
    this.view = view;
    this.actionRunner = actionRunner;
    this.questions = questions;
    this.arrangement = arrangement;
    this.#notices = notices;

    this.menus = new MenuDialogs({ view, questions, actionRunner, events });
    this.viewers = new ViewerList({ view, dialogs, notices });
    this.passwords = new Passwords({
      questions,
      notices,
      actionRunner,
      refuseElsewhere: options.refusePasswordElsewhere,
      change: options.changePassword,
      setFirst: options.setFirstPassword,
      endOthers: options.endOthers,
    });
    const inClass = new InClass({ seat: options.seat, scope, screen, dialogs: personal, actionRunner, notices, clock });
    const editing = new Editing({ view, screen, questions, notices, actionRunner, events });
    const finding = new Finding({ view, arrangement, notices, events });
    const focus = (): void => arrangement.focusOn("console");
    const consolePane = new ConsolePane({ view, screen, notices, events, focus });
    const preview = scope.own(new PicturePreview({ view, screen, arrangement, notices, actionRunner }));
    const files = new Files({ preview, view, screen, tree, arrangement, questions, notices, actionRunner, events });
    const saving = new Saving(view, dialogs);
    const running = new Running({ view, questions, arrangement, files, saving });
    const failures = scope.own(
      new Failures({ view, arrangement, consolePane, editing, questions, notices, actionRunner }),
    );
    const handover = new FileHandover(view, dialogs, saving);
    this.leaving = new Leaving({ screen, questions, saving, actionRunner, leave, go, whom });
    this.inClass = inClass;
    this.editing = editing;
    this.consolePane = consolePane;
    this.consoles = new ConsoleSwitching({ view, arrangement, questions });
    this.preview = preview;
    this.finding = finding;
    this.failures = failures;
    this.files = files;
    this.saving = saving;
    this.running = running;

    const stepper = scope.own(new Stepper({ view, arrangement, editing, notices, actionRunner, clock }));
    const variables = scope.own(new VariablesPane({ view, screen, arrangement, questions, notices, events }));
    const typing = new Typing({ view, editing, tree, files, variables, handover, consolePane, notices, actionRunner });
    const keyboard = new Keyboard({ arrangement, stepper, finding, running, typing, notices, events });
    const input = new ClientInput({ preview, screen, questions, notices, running, inClass, keyboard, actionRunner });
    const currentNotice = new CurrentNotice({ keyboard, questions, notices });
    const panes = new Panes({
      screen,
      view,
      clock,
      arrangement,
      textPane: new TextPane(view),
      finding,
      consolePane,
      running,
      tree,
      files,
      variables,
      inClass,
      currentNotice,
      input,
      events,
    });
    const consoleFit = scope.own(new ConsoleFit({ view, screen, arrangement }));
    this.#following = scope.own(
      new RedrawScheduler({
        view,
        screen,
        panes,
        tree,
        arrangement,
        consoleFit,
        variables,
        finding,
        events,
        clock,
      }),
    );

    for (const layer of panes.layers) scope.own(screen.push(layer));
    scope.own(screen.push(preview));
    scope.own(screen.push(inClass.bar));
    screen.focus(panes.main);
    scope.own(events.action.on((action) => this.#run(action)));
    if (view.isOwn)
      scope.own(workbench.editLocks.onAsked((request) => actionRunner.run("hand-over", () => handover.asked(request))));
    scope.own(workbench.notices.onNotice((notice) => (view.isOwn || notice.to !== "owner") && notices.show(notice)));
    this.resized();
    this.#following.changed("documents");
  }

  /** Adapts to the terminal's new size. */
  resized(): void {
    this.#following.resized();
  }

  #run(action: Action): void {
    if (!isFor(action, this.workbench.person.role)) return;
    if (!mayRun(action, this.view)) return this.#notices.show(ownerOnly(this.view));
    if (action.personal && this.view.isDriven)
      return this.#notices.show({ kind: "warning", text: "Only the person whose session it is can do that." });
    this.actionRunner.run(action.id, () => action.run(this));
  }
}

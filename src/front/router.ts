/**
 * Theory of operation: what the SSH edge calls, and the way of a terminal from login to goodbye. The edge knows nothing
 * of the IDE, and the IDE nothing of SSH.
 *
 * A shell leads to `login` (may this person come in, is the password still the initial one?), and then to a
 * `screen-stack`: at its bottom the person's own session, above it what they went to from there, the class view or
 * somebody else's session. Leaving a screen leads back to the one below. A command with a pty may ask for a screen,
 * which is then the bottom of its stack. Other commands write text and end. A session can be on another node: then its
 * terminal is relayed there (`cluster/relay`), where it arrives as `#relayed` and has a stack too. Whoever opens a
 * session asks `admission` whether there is room for it. All stacks are kept here, so that a person with a closed
 * account, or everybody at the end of this node, can be shown out with a sentence.
 */
import type { Account } from "../auth/account.ts";
import { logBug } from "../base/error-report.ts";
import { exitStatus, UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { timings } from "../base/measures.ts";
import { Scope } from "../base/scope.ts";
import type { Terminal } from "../base/terminal.ts";
import type { RelayedArrival } from "../cluster/cluster.ts";
import { ClassScreen } from "./class-screen.ts";
import type { Exit } from "../commands/command.ts";
import type { Destination } from "../commands/destination.ts";
import { ownFigures } from "../commands/own-figures.ts";
import { execute } from "../commands/command-registry.ts";
import type { Services } from "../commands/services.ts";
import { shutOutHere } from "../commands/shut-out.ts";
import { ReportScreens } from "./report-screens.ts";
import { ScreenStack } from "./screen-stack.ts";
import { Login } from "./login.ts";
import { OwnSession } from "./own-session.ts";
import type { TerminalUser } from "./departure.ts";
import { Admission } from "./admission.ts";
import type { Recovery } from "../session/recovery.ts";
import type {
  ExecRequest,
  PasswordAnswer,
  PasswordAttempt,
  PublicKeyAttempt,
  ShellRequest,
  SshHandlers,
} from "../ssh/handlers.ts";
import type { Dialogs } from "../tui/parts/dialogs.ts";
import { Windows } from "../tui/watch/windows.ts";
import { Spectating } from "./spectating.ts";

/** What a router is made from. */
export interface RouterOptions {
  readonly services: Services;
  readonly recovery: Recovery;
  readonly log: Log;
}

/** Milliseconds that a terminal has to read its goodbye. */
const farewellMs = 1000;
const goingDown = "The server is shutting down. Your work is kept; log in again when it is back.";
const movingOn = "Part of the server is restarting. Your work is kept; log in again now.";

/** The routes of all terminals and commands of this node. */
export class Router implements SshHandlers<Account>, AsyncDisposable {
  readonly #services: Services;
  readonly #log: Log;
  readonly #login: Login;
  readonly #scope = new Scope("router");
  readonly #drainAsked = new Emitter<void>();
  readonly #own: OwnSession;
  readonly #admission: Admission;
  readonly #spectating: Spectating;
  readonly #classScreen: ClassScreen;
  readonly #reportScreens: ReportScreens;
  /** The terminals on this node, and who is at them. */
  readonly #stacks = new Map<ScreenStack, { readonly user: TerminalUser; readonly over: Promise<void> }>();

  constructor(options: RouterOptions) {
    this.#services = options.services;
    this.#login = this.#scope.own(new Login(options.services, options.log));
    this.#log = options.log;
    this.#admission = this.#scope.own(new Admission(options.services, options.log));
    const windows = new Windows();
    this.#own = new OwnSession({ ...options, login: this.#login, admission: this.#admission, windows });
    this.#spectating = new Spectating({ ...options, windows });
    this.#classScreen = new ClassScreen(options.services, options.log);
    this.#reportScreens = new ReportScreens(options.services, options.log);
    const { sessions, cluster } = options.services;
    this.#scope.own(
      sessions.onEnded((id) => void cluster.directory.ended(id).catch((error: unknown) => logBug(error, this.#log))),
    );
    this.#scope.own(
      cluster.directory.onDisplaced(
        (id) =>
          void this.#kick(id, "You have another session elsewhere. Your work is kept; log in again to continue there."),
      ),
    );
    cluster.serve({
      attach: (arrival) => this.#relayed(arrival),
      kick: (id, reason) => this.#kick(id, reason),
      retire: (id) => this.#admission.retire(id, "the server is full"),
      leave: (usernames, reason) => shutOutHere({ services: options.services, log: this.#log }, usernames, reason),
      drain: () => this.#drainAsked.emit(),
      figures: () => ownFigures(options.services),
      slowest: () => options.services.slowest.list,
    });
  }

  /** Fires when an admin wants this process to end. */
  get onDrainAsked() {
    return this.#drainAsked.on;
  }

  /**
   * Lets nobody in, and shows everybody out with a sentence (`alone`: other processes of this server go on). Resolves
   * when all have left and their work is put away.
   */
  async drain({ alone }: { readonly alone: boolean }): Promise<void> {
    const { sessions, cluster } = this.#services;
    const sentence = alone ? movingOn : goingDown;
    sessions.drain(sentence);
    const elsewhere = [...this.#stacks.keys()].map((stack) => stack.dismiss(sentence));
    await Promise.all([cluster.setDraining(), sessions.endAll(sentence), cluster.dismissAll(sentence), ...elsewhere]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  password(attempt: PasswordAttempt): Promise<PasswordAnswer<Account>> {
    return this.#login.password(attempt);
  }

  publicKey(attempt: PublicKeyAttempt): Promise<Account | undefined> {
    return this.#login.publicKey(attempt);
  }

  get passwordInstruction(): string {
    return this.#login.passwordInstruction;
  }

  nameOf({ username }: Account): string {
    return username;
  }

  authenticated(account: Account, info: { address: string; method: string; username: string }): void {
    this.#login.authenticated(account, info);
  }

  authenticationFailed(info: { username: string; address: string; method: string }): void {
    this.#login.authenticationFailed(info);
  }

  /** Shows a person's screens, from login to goodbye. */
  async shell(request: ShellRequest<Account>): Promise<void> {
    const { terminal, address } = request;
    timings.firstPaint.startFor(terminal);
    const account = await this.#login.admitted(request.principal);
    await this.#services.workspaces.ensureHome(account.username);
    await this.#travel({
      account,
      terminal,
      address,
      connection: request.principal,
      knowsInitialPassword: this.#login.knowsInitialPassword(request.principal),
    });
  }

  /** Receives a person with a connection on another node and, as that node believes, a session on this one. */
  async #relayed(arrival: RelayedArrival): Promise<void> {
    if (arrival.watch !== undefined) return await this.#spectating.serve(arrival);
    const { session, username, address, knowsInitialPassword, accept, gone } = arrival;
    const { sessions, accounts } = this.#services;
    await sessions.whenEnded(username);
    if (!sessions.find(session)) return gone();
    const found = await accounts.find(username);
    if (!found) return gone();
    const account = await this.#login.admitted(found);
    // Checked again here, because nothing may be awaited between this and showing it.
    if (!sessions.find(session)) return gone();
    const terminal = accept();
    await this.#travel({ account, terminal, address, knowsInitialPassword, onDismiss: terminal.onDismiss });
  }

  /** Shows screens until the terminal is closed; `first` is shown instead of the person's own session. */
  async #travel(user: TerminalUser, first?: Destination): Promise<void> {
    const whom = (dialogs: Dialogs): Promise<string | undefined> => this.#spectating.ask(user.account, dialogs);
    const stack = new ScreenStack(
      {
        user: { ...user, whom },
        own: first ? undefined : this.#own,
        spectating: this.#spectating,
        classScreen: this.#classScreen,
        reportScreens: this.#reportScreens,
        log: this.#log,
      },
      first,
    );
    const running = stack.run();
    // Those who wait for the end of it do not need its error: the next lines report that.
    this.#stacks.set(stack, { user, over: running.catch(() => undefined) });
    try {
      await running;
    } finally {
      this.#stacks.delete(stack);
    }
  }

  /**
   * Shows a person's terminals out with a sentence, except for one connection's. Resolves when they are restored, or
   * after a moment.
   */
  async dismiss(username: string, reason: string, keep?: object): Promise<void> {
    const theirs = [...this.#stacks].filter(
      ([, { user }]) => user.account.username === username && (keep === undefined || user.connection !== keep),
    );
    for (const [stack] of theirs) void stack.dismiss(reason);
    let stop: Disposable | undefined;
    const late = new Promise<void>((resolve) => (stop = this.#services.clock.after(farewellMs, resolve)));
    await Promise.race([Promise.all(theirs.map(([, { over }]) => over)), late]);
    stop?.[Symbol.dispose]();
  }

  /** Ends a session of this node; false when it is not here. */
  async #kick(id: string, reason: string): Promise<boolean> {
    const { sessions } = this.#services;
    const workbench = sessions.find(id);
    if (workbench) await sessions.end(workbench, reason);
    return workbench !== undefined;
  }

  /** Runs one command line. */
  async exec(request: ExecRequest<Account>): Promise<void> {
    const account = await this.#login.fresh(request.principal);
    if (account.state === "active") await this.#services.workspaces.ensureHome(account.username);
    const taken = await this.#services.commands.take(account.username, account.role);
    if (!taken.allowed) {
      const wait = Math.ceil(taken.retryAfterSeconds);
      throw new UserError("too-many-commands", `too many commands; try again in ${wait} s`);
    }
    const { status, signal } = await execute(request.command, {
      account,
      address: request.address,
      connection: request.principal,
      services: this.#services,
      stdin: request.stdin,
      stdout: request.stdout,
      stderr: request.stderr,
      terminal: request.terminal,
      show: request.terminal && this.#showOn(account, request.address, request.terminal),
      onSignal: request.onSignal,
      closed: request.closed,
      log: this.#log,
    });
    if (signal) request.exitSignal(signal);
    else request.exit(status);
  }

  /** What a command with a pty uses to show a screen. */
  #showOn(account: Account, address: string, terminal: Terminal): (destination: Destination) => Promise<Exit> {
    return async (destination) => {
      await this.#travel({ account, terminal, address }, destination);
      return { kind: "exit", status: exitStatus.done };
    };
  }
}

/**
 * What the ssh edge calls: who may log in, and what a shell or a command leads to. The life of a login is here, from a password
 * to the first screen; the edge knows no IDE and the IDE knows no ssh.
 */
import type { Account } from "../auth/account.ts";
import { exitStatus, report, UserError } from "../base/errors.ts";
import { Emitter } from "../base/events.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { Terminal } from "../base/terminal.ts";
import type { RelayedArrival } from "../cluster/cluster.ts";
import { ClassPlace } from "./class-screen.ts";
import type { Exit } from "../commands/command.ts";
import type { Destination } from "../commands/ide.ts";
import { ownFigures } from "../commands/own-figures.ts";
import { execute } from "../commands/registry.ts";
import type { Services } from "../commands/services.ts";
import { shutOutHere } from "../commands/shut-out.ts";
import { Journey } from "./screen-stack.ts";
import { Login } from "./login.ts";
import { OwnSession, type Guest } from "./own-session.ts";
import { Room } from "./admission.ts";
import type { Recovery } from "../session/recovery.ts";
import type { ExecRequest, PasswordAnswer, PasswordAttempt, PublicKeyAttempt, ShellRequest, SshHandlers } from "../ssh/handlers.ts";
import type { Dialogs } from "../tui/client/dialogs.ts";
import { Windows } from "../tui/watch/windows.ts";
import { Watching } from "./spectating.ts";

export interface FrontOptions {
  readonly services: Services;
  readonly recovery: Recovery;
  readonly log: Log;
}

/** A terminal that does not read its goodbye by then is cut off. */
const farewellMilliseconds = 1000;
const goingDown = "The server is going down. Your work is kept: log in again when it is back.";
const movingOn = "A part of the server is restarting. Your work is kept: log in again now.";

export class Front implements SshHandlers<Account>, AsyncDisposable {
  readonly #services: Services;
  readonly #log: Log;
  readonly #login: Login;
  readonly #scope = new Scope("front");
  readonly #drainAsked = new Emitter<void>();
  readonly #own: OwnSession;
  readonly #room: Room;
  readonly #watching: Watching;
  readonly #classPlace: ClassPlace;
  /** Terminals that are here, and whose. */
  readonly #journeys = new Map<Journey, { readonly guest: Guest; readonly over: Promise<void> }>();

  constructor(options: FrontOptions) {
    this.#services = options.services;
    this.#login = this.#scope.own(new Login(options.services, options.log));
    this.#log = options.log;
    this.#room = this.#scope.own(new Room(options.services, options.log));
    const windows = new Windows();
    this.#own = new OwnSession({ ...options, login: this.#login, room: this.#room, windows });
    this.#watching = new Watching({ ...options, windows });
    this.#classPlace = new ClassPlace(options.services, options.log);
    const { sessions, cluster } = options.services;
    this.#scope.own(sessions.onEnded((id) => void cluster.directory.ended(id).catch((error: unknown) => report(error, this.#log))));
    this.#scope.own(cluster.directory.onDisplaced((id) => void this.#kick(id, "You have another session in another place. Your work is kept; log in again to go on there.")));
    cluster.serve({
      attach: (arrival) => this.#relayed(arrival),
      kick: (id, reason) => this.#kick(id, reason),
      retire: (id) => this.#room.retire(id, "the server is full"),
      leave: (usernames, reason) => shutOutHere({ services: options.services, log: this.#log }, usernames, reason),
      drain: () => this.#drainAsked.emit(),
      figures: () => ownFigures(options.services),
    });
  }

  /** An admin wants this process to end. */
  get onDrainAsked() {
    return this.#drainAsked.on;
  }

  /** Lets nobody in, and everybody out with a sentence (`alone`: other processes of this server go on); resolves when all have left and their work is put away. */
  async drain({ alone }: { readonly alone: boolean }): Promise<void> {
    const { sessions, cluster } = this.#services;
    const sentence = alone ? movingOn : goingDown;
    sessions.drain(sentence);
    const elsewhere = [...this.#journeys.keys()].map((journey) => journey.dismiss(sentence));
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

  nameOf({ username }: Account): string {
    return username;
  }

  authenticated(account: Account, info: { address: string; method: string; username: string }): void {
    this.#login.authenticated(account, info);
  }

  authenticationFailed(info: { username: string; address: string; method: string }): void {
    this.#login.authenticationFailed(info);
  }

  /** A person's screen, from login to goodbye. */
  async shell(request: ShellRequest<Account>): Promise<void> {
    const { terminal, address } = request;
    const account = await this.#login.admitted(request.principal);
    await this.#services.workspaces.ensureHome(account.username);
    await this.#travel({ account, terminal, address, connection: request.principal, knowsInitialPassword: this.#login.knowsInitialPassword(request.principal) });
  }

  /** Somebody whose connection is at another node, and whose session is here, as that node believes. */
  async #relayed(arrival: RelayedArrival): Promise<void> {
    if (arrival.watch !== undefined) return await this.#watching.serve(arrival);
    const { session, username, address, knowsInitialPassword, accept, gone } = arrival;
    const { sessions, accounts } = this.#services;
    await sessions.settled(username);
    if (!sessions.find(session)) return gone();
    const found = await accounts.find(username);
    if (!found) return gone();
    const account = await this.#login.admitted(found);
    // Now, or never: nothing may be waited for in between.
    if (!sessions.find(session)) return gone();
    const terminal = accept();
    await this.#travel({ account, terminal, address, knowsInitialPassword, onDismiss: terminal.onDismiss });
  }

  /** From arrival to goodbye; `first` is a place to show instead of the person's own session. */
  async #travel(guest: Guest, first?: Destination): Promise<void> {
    const whom = (dialogs: Dialogs): Promise<string | undefined> => this.#watching.ask(guest.account, dialogs);
    const journey = new Journey({ guest: { ...guest, whom }, own: first ? undefined : this.#own, watching: this.#watching, classPlace: this.#classPlace, log: this.#log }, first);
    const running = journey.run();
    this.#journeys.set(journey, { guest, over: running.catch(() => undefined) });
    try {
      await running;
    } finally {
      this.#journeys.delete(journey);
    }
  }

  /** Shows this person's terminals out, with a sentence, but for one connection's; resolves when they are left as they were found, or after a moment. */
  async dismiss(username: string, reason: string, keep?: object): Promise<void> {
    const theirs = [...this.#journeys].filter(([, { guest }]) => guest.account.username === username && (keep === undefined || guest.connection !== keep));
    for (const [journey] of theirs) void journey.dismiss(reason);
    let stop: Disposable | undefined;
    const late = new Promise<void>((resolve) => (stop = this.#services.clock.after(farewellMilliseconds, resolve)));
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

  /** One command line. */
  async exec(request: ExecRequest<Account>): Promise<void> {
    const account = await this.#login.fresh(request.principal);
    if (account.state === "active") await this.#services.workspaces.ensureHome(account.username);
    const taken = await this.#services.commands.take(account.username, account.role);
    if (!taken.allowed) {
      const wait = Math.ceil(taken.retryAfterSeconds);
      throw new UserError("too-many-commands", "those were many commands in a short time", `Try again in ${wait} s.`);
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

  /** What a command with a pty may show instead of text. */
  #showOn(account: Account, address: string, terminal: Terminal): (place: Destination) => Promise<Exit> {
    return async (place) => {
      await this.#travel({ account, terminal, address }, place);
      return { kind: "exit", status: exitStatus.done };
    };
  }
}

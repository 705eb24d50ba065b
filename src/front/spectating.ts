/**
 * Attaching to somebody's session. The right to do so is checked where the viewer's connection is, again on the node
 * that has the session, and every few seconds while it lasts. The viewer follows the owner: to a new session, to
 * another node, through being away.
 */
import type { Account } from "../auth/account.ts";
import { isViewMode, mayAttach, type ViewMode } from "../auth/attaching.ts";
import { addressed, spokenName } from "../auth/person-name.ts";
import { explain } from "../base/error-report.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { Scope } from "../base/scope.ts";
import type { RelayedArrival } from "../cluster/cluster.ts";
import type { NodeAddress } from "../cluster/session-table.ts";
import type { Services } from "../commands/services.ts";
import type { Departure, TerminalUser } from "./departure.ts";
import type { Workbench } from "../session/workbench.ts";
import type { Dialogs } from "../tui/parts/dialogs.ts";
import { openGuestClient } from "../tui/attach.ts";
import { showSession, type ShowSessionEnd } from "../tui/watch/show-session.ts";
import { waitOn } from "../tui/watch/waiting.ts";
import type { Windows } from "../tui/watch/windows.ts";

/** What attaching needs of its process. */
export interface SpectatingOptions {
  readonly services: Services;
  readonly windows: Windows;
  readonly log: Log;
}

/** Who attaches to whom, and in which mode. */
export interface WatchRequest {
  readonly user: TerminalUser;
  readonly username: string;
  readonly mode: ViewMode;
  /** Aborted with a sentence when the viewer has to leave. */
  readonly leaving: AbortSignal;
}

/** Where a person's session is. */
type Whereabouts =
  | { readonly kind: "here"; readonly workbench: Workbench }
  | { readonly kind: "elsewhere"; readonly session: string; readonly at: NodeAddress }
  | { readonly kind: "nowhere" };

/**
 * How it ended, as the viewer's node learns it. "refused": the viewer may not, or no longer. "lost": the connection
 * between the nodes broke.
 */
type End = ShowSessionEnd | "refused" | "lost";

/** The exit statuses by which the session's node tells how it ended. */
const statusOf: Readonly<Record<ShowSessionEnd | "refused", number>> = { left: 0, ended: 201, refused: 202 };

/** Milliseconds after which a session that could not be reached is tried again, unless it is another one by then. */
const retryMs = 3000;
/** Milliseconds between checks that the viewer still may. */
const recheckMs = 3000;
/** Most characters of the list of changed files in the audit trail. */
const maxList = 2000;

/** Shows people the sessions of others. */
export class Spectating {
  readonly #options: SpectatingOptions;
  readonly #services: Services;

  constructor(options: SpectatingOptions) {
    this.#options = options;
    this.#services = options.services;
  }

  /**
   * Asks the viewer to choose among the people in the IDE whom they teach; undefined when they cancel. Throws
   * `database-unavailable`.
   */
  async ask(viewer: Account, dialogs: Dialogs): Promise<string | undefined> {
    const { accounts, cluster } = this.#services;
    const [now, people, sessions] = await Promise.all([
      accounts.find(viewer.username),
      accounts.list(),
      cluster.directory.list(),
    ]);
    const states = new Map(sessions.map(({ username, state }) => [username, state]));
    const items = people
      .filter((person) => now && mayAttach(now, person, "watch") && states.has(person.username))
      .map(({ username, name, section }) => ({
        id: username,
        label: name ? `${username}  ${name}` : username,
        detail: section ?? "",
        keys: states.get(username) ?? "",
      }));
    const item = await dialogs.pick({ title: "Attach to whom?", items, empty: "None of your students is in the IDE." });
    return item?.id;
  }

  /** Shows somebody's session until the viewer leaves. Throws `user-not-found`, `not-permitted` or `no-terminal`. */
  async watch({ user, username, mode: wanted, leaving }: WatchRequest): Promise<Departure> {
    const { terminal } = user;
    let mode = wanted;
    let was = "is not in the IDE";
    for (;;) {
      const { person } = await this.#permitted(user.account, username, mode);
      if (terminal.closed || leaving.aborted) return { kind: "back" };
      const found = await this.#find(username);
      const end = await this.#show(found, { user, username, mode, leaving });
      if (end === "left") return { kind: "back" };
      if (end === "refused") await this.#permitted(user.account, username, mode); // tells why
      if (found.kind !== "nowhere") {
        was = end === "ended" ? "has left" : "can't be reached";
        // Of a new session the viewer only watches at first.
        mode = wanted === "drive" || wanted === "help" ? "watch" : wanted;
      }
      const again = this.#services.clock.monotonic() + retryMs;
      const came = await waitOn(terminal, {
        sentence: `${spokenName(person)} ${was}; waiting.`,
        over: async () => {
          const now = await this.#find(username);
          // A session that could not be reached is not asked for at every check.
          const isSame = found.kind === "elsewhere" && now.kind === "elsewhere" && now.session === found.session;
          return now.kind !== "nowhere" && (!isSame || this.#services.clock.monotonic() >= again);
        },
        leaving,
        clock: this.#services.clock,
        log: this.#options.log,
      });
      if (!came) return { kind: "back" };
    }
  }

  /** Attaches a viewer with a connection on another node to a session of this one. */
  async serve(arrival: RelayedArrival): Promise<void> {
    const { session, username, address, watch = "", accept, gone } = arrival;
    const { sessions, accounts } = this.#services;
    const account = await accounts.find(username);
    const workbench = sessions.find(session);
    if (!workbench) return gone();
    const terminal = accept();
    if (!account || !isViewMode(watch)) return terminal.close(statusOf.refused);
    const leaving = new AbortController();
    using _dismissal = terminal.onDismiss((reason) => leaving.abort(reason));
    const end = await this.#showSession(workbench, {
      user: { account, terminal, address },
      username: workbench.person.username,
      mode: watch,
      leaving: leaving.signal,
    });
    terminal.close(statusOf[end]);
  }

  async #show(found: Whereabouts, request: WatchRequest): Promise<End> {
    switch (found.kind) {
      case "here":
        return await this.#showSession(found.workbench, request);
      case "elsewhere":
        return await this.#relay(found, request);
      case "nowhere":
        return "ended";
      default:
        return found satisfies never;
    }
  }

  async #find(username: string): Promise<Whereabouts> {
    const { sessions, cluster } = this.#services;
    const [workbench] = sessions.of(username);
    if (workbench) return { kind: "here", workbench };
    try {
      const [row] = await cluster.directory.list(username);
      return row && row.node.node !== cluster.node
        ? { kind: "elsewhere", session: row.session, at: row.node }
        : { kind: "nowhere" };
    } catch (error) {
      if (error instanceof UserError && error.code === "database-unavailable") return { kind: "nowhere" };
      throw error;
    }
  }

  async #relay({ session, at }: Whereabouts & { kind: "elsewhere" }, { user, mode }: WatchRequest): Promise<End> {
    const { account, terminal, address } = user;
    try {
      const end = await this.#services.cluster.relay(at, terminal, {
        session,
        username: account.username,
        address,
        knowsInitialPassword: false,
        watch: mode,
      });
      if (end.kind === "closed")
        return end.status === statusOf.left
          ? "left"
          : end.status === statusOf.ended
            ? "ended"
            : end.status === statusOf.refused
              ? "refused"
              : "left";
      // A session that has just ended is in the list for another moment.
      return end.kind === "gone" ? "ended" : end.kind;
    } catch (error) {
      if (error instanceof UserError && error.code === "node-unreachable") return "lost";
      throw error;
    }
  }

  /** Shows a session of this node for as long as the viewer may see it. */
  async #showSession(workbench: Workbench, { user, mode, leaving }: WatchRequest): Promise<ShowSessionEnd | "refused"> {
    const { clock, settings, classroom } = this.#services;
    let allowed = await this.#permission(user.account, workbench.person.username);
    if (!allowed || !mayAttach(allowed.viewer, allowed.person, mode)) return "refused";
    const { viewer, person } = allowed;
    await using scope = new Scope(`viewer of ${workbench.id}`);
    const revoked = new AbortController();
    const recheck = async (): Promise<void> => {
      try {
        allowed = await this.#permission(user.account, workbench.person.username);
        // A viewer who may still watch, but no longer in this mode, begins again.
        if (!allowed || (now && !mayAttach(allowed.viewer, allowed.person, now))) revoked.abort();
      } catch (error) {
        // Without a database what was allowed stays allowed.
        if (explain(error, this.#options.log).code !== "database-unavailable") revoked.abort();
      }
    };
    let now: ViewMode | undefined;
    scope.own(clock.every(recheckMs, () => void recheck()));
    const classSeat = scope.own(classroom.sit({ account: viewer, address: user.address }));
    classSeat.catchUp();
    const edited = new Set<string>();
    const record = (action: string, detail: { mode: ViewMode; edited?: string }): void => {
      void this.#services.audit.record({
        actor: viewer.username,
        address: user.address,
        action,
        subject: person.username,
        result: "ok",
        detail,
      });
    };
    scope.defer(
      () =>
        now &&
        record("session.detach", {
          mode: now,
          ...(edited.size > 0 ? { edited: [...edited].join(", ").slice(0, maxList) } : {}),
        }),
    );
    const end = await showSession(user.terminal, workbench, {
      openClient: openGuestClient,
      viewer: { username: viewer.username, title: addressed(viewer) },
      person: spokenName(person),
      mode,
      silent: settings.exam.silentWatching,
      classSeat,
      windows: this.#options.windows,
      admits: (wanted) => allowed !== undefined && mayAttach(allowed.viewer, allowed.person, wanted),
      onMode: (next) => {
        record(now ? "session.attach-mode" : "session.attach", { mode: next });
        now = next;
      },
      onEdited: (path) => void edited.add(path),
      leaving: AbortSignal.any([leaving, revoked.signal]),
      clock,
      log: this.#options.log,
    });
    return revoked.signal.aborted && !leaving.aborted ? "refused" : end;
  }

  /** Both accounts as they are now, if the one may still see the other. Throws `database-unavailable`. */
  async #permission(
    viewer: Account,
    username: string,
  ): Promise<{ readonly viewer: Account; readonly person: Account } | undefined> {
    const { accounts } = this.#services;
    const [now, person] = await Promise.all([accounts.find(viewer.username), accounts.find(username)]);
    return now?.state === "active" && person && mayAttach(now, person, "watch") ? { viewer: now, person } : undefined;
  }

  /** The same with errors for the viewer. Throws `user-not-found`, `not-permitted` or `account-disabled`. */
  async #permitted(viewer: Account, username: string, mode: ViewMode): Promise<{ readonly person: Account }> {
    const { accounts } = this.#services;
    const [now, person] = await Promise.all([accounts.find(viewer.username), accounts.find(username)]);
    if (!now || now.state !== "active")
      throw new UserError("account-disabled", "this account is disabled", "Ask an admin to enable it.");
    if (username === viewer.username)
      throw new UserError(
        "not-permitted",
        "you can't attach to yourself",
        "To have a second window of your own session, log in a second time.",
      );
    if (!person)
      throw new UserError(
        "user-not-found",
        `there is no user ${JSON.stringify(username.slice(0, 40))}`,
        '"user list" shows everybody you teach.',
      );
    if (mayAttach(now, person, mode)) return { person };
    if (mayAttach(now, person, "watch"))
      throw new UserError(
        "not-permitted",
        `you may only watch ${username} or look around`,
        "Use --mode watch or --mode look.",
      );
    throw new UserError("not-permitted", `you don't teach ${username}`, '"user list" shows everybody you teach.');
  }
}

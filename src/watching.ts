/** Attaching to somebody's session: who may, where the session is, and what happens when it moves or ends. */
import type { Account } from "./auth/account.ts";
import { mayAttach } from "./auth/attaching.ts";
import { UserError } from "./base/errors.ts";
import type { Log } from "./base/log.ts";
import type { ViewMode } from "./commands/ide.ts";
import type { Services } from "./commands/services.ts";
import type { PlaceEnd } from "./journey.ts";
import type { Guest } from "./own-session.ts";

export interface WatchRequest {
  readonly guest: Guest;
  readonly username: string;
  readonly mode: ViewMode;
  /** Aborted with a sentence when the viewer has to leave. */
  readonly leaving: AbortSignal;
}

export class Watching {
  readonly #services: Services;

  constructor(services: Services, _log: Log) {
    this.#services = services;
  }

  /** Shows somebody's session until the viewer leaves. Throws `user-not-found` or `not-permitted`. */
  async watch({ guest, username, mode }: WatchRequest): Promise<PlaceEnd> {
    await this.#permitted(guest.account, username, mode);
    throw new UserError("unknown-command", "attach is not here yet");
  }

  /** The person to watch, as both accounts are now. Throws `user-not-found` or `not-permitted`. */
  async #permitted(viewer: Account, username: string, mode: ViewMode): Promise<Account> {
    const { accounts } = this.#services;
    const [now, person] = await Promise.all([accounts.find(viewer.username), accounts.find(username)]);
    if (!now || now.state !== "active") throw new UserError("account-disabled", "this account is disabled", "Ask an admin to enable it.");
    if (username === viewer.username) throw new UserError("not-permitted", "you can't attach to yourself", "Log in a second time for a second window of your own session.");
    if (person && mayAttach(now, person, mode)) return person;
    // Who may not see an account is not to learn whether it exists, either.
    if (person && mayAttach(now, person, "watch")) throw new UserError("not-permitted", `you may watch ${username}, but not ${mode}`, "Use --mode watch or --mode look.");
    throw new UserError(person ? "not-permitted" : "user-not-found", person ? `${username} is not one of your students` : `there is no user ${JSON.stringify(username.slice(0, 40))}`, '"user list" shows all whom you teach.');
  }
}

/** The screens with figures: the use of the class, and the state of the server. */
import type { Account } from "../auth/account.ts";
import { may, type Permission } from "../auth/roles.ts";
import { UserError } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import { serverOverview } from "../commands/server-state.ts";
import type { Services } from "../commands/services.ts";
import { readUsage, usageRange, usageSections } from "../commands/usage-report.ts";
import type { ReportPage } from "../tui/reports/report-page.ts";
import { ServerStatusPage } from "../tui/reports/server-status-page.ts";
import { showReport } from "../tui/reports/show-report.ts";
import { UsagePage } from "../tui/reports/usage-page.ts";
import type { Departure, TerminalUser } from "./departure.ts";

/** To whom to show it, and until when. */
export interface ReportScreenRequest {
  readonly user: TerminalUser;
  readonly notice: string | undefined;
  /** Aborted with a sentence when the person has to leave. */
  readonly leaving: AbortSignal;
}

const dayMs = 86_400_000;
/** How long the database is waited for, in milliseconds. */
const patienceMs = 2000;

/** Shows reports on the terminals of this node. */
export class ReportScreens {
  readonly #services: Services;
  readonly #log: Log;

  constructor(services: Services, log: Log) {
    this.#services = services;
    this.#log = log;
  }

  /** Shows a report until the person leaves. Throws `not-permitted`, `account-disabled` or `no-terminal`. */
  async show(kind: "usage" | "server-status", { user, notice, leaving }: ReportScreenRequest): Promise<Departure> {
    const { settings, clock } = this.#services;
    const report = kind === "usage" ? this.#usage() : this.#serverStatus();
    return await showReport(user.terminal, {
      report,
      course: settings.courseName,
      user: user.account.username,
      fresh: this.#freshFor(user.account, report.permission),
      notice,
      leaving,
      clock,
      log: this.#log,
    });
  }

  #usage(): ReportPage {
    const services = this.#services;
    return new UsagePage({
      read: (account, { days, section }) => {
        const now = services.clock.now();
        const since = new Date(now - (days - 1) * dayMs);
        return readUsage(services, usageRange(since, now, usageSections(account, section)));
      },
      sections: async (account) =>
        may(account.role, "usage.read")
          ? (await services.accounts.sections.list()).map(({ name }) => name)
          : account.sections,
    });
  }

  #serverStatus(): ReportPage {
    return new ServerStatusPage(() => serverOverview(this.#services, this.#log));
  }

  /** Reads the account again and again; while the database is away or silent, what it was before holds. */
  #freshFor(known: Account, permission: Permission): () => Promise<Account> {
    let last = known;
    return async () => {
      last = (await this.#read(known.username)) ?? last;
      if (last.state === "disabled" || last.id !== known.id)
        throw new UserError("account-disabled", "this account is disabled", "Ask your teacher to enable it.");
      if (!may(last.role, permission))
        throw new UserError(
          "not-permitted",
          `your role (${last.role}) does not allow that`,
          '"help" lists what you may do.',
        );
      return last;
    };
  }

  /** The account now; undefined when the database does not say in time. */
  async #read(username: string): Promise<Account | undefined> {
    let timer: Disposable | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = this.#services.clock.after(patienceMs, () => resolve(undefined));
    });
    const read = this.#services.accounts.get(username).catch((error: unknown) => {
      if (error instanceof UserError && error.code === "database-unavailable") return undefined;
      throw error;
    });
    read.catch(() => undefined); // when it comes too late, nobody waits for it
    try {
      return await Promise.race([read, late]);
    } finally {
      timer?.[Symbol.dispose]();
    }
  }
}

/** The class view as a screen of a terminal. */
import { may } from "../auth/roles.ts";
import type { Log } from "../base/log.ts";
import type { Services } from "../commands/services.ts";
import type { Departure, TerminalUser } from "./departure.ts";
import type { ClassList } from "../tui/class/class-list.ts";
import { showClass } from "../tui/class/show-class.ts";

/** What to show, and to whom. */
export interface ClassScreenRequest {
  readonly user: TerminalUser;
  /** The selection and the filter of the last time. */
  readonly list: ClassList;
  readonly notice: string | undefined;
  /** Aborted with a sentence when the person has to leave. */
  readonly leaving: AbortSignal;
}

/** Shows class views on the terminals of this node. */
export class ClassScreen {
  readonly #services: Services;
  readonly #log: Log;

  constructor(services: Services, log: Log) {
    this.#services = services;
    this.#log = log;
  }

  /**
   * Shows the class until the person leaves or goes to a student. Throws `not-permitted`, `account-disabled` or
   * `no-terminal`.
   */
  async show({ user, list, notice, leaving }: ClassScreenRequest): Promise<Departure> {
    const { backups, classroom, settings, clock } = this.#services;
    const { account, address, terminal } = user;
    using seat = classroom.sit({ account, address });
    seat.catchUp();
    const end = await showClass(terminal, {
      seat,
      course: settings.courseName,
      list,
      notice,
      attention: async (person) => (may(person.role, "backup") ? await backups.trouble() : undefined),
      leaving,
      clock,
      log: this.#log,
    });
    if (end.kind === "watch") return { kind: "go", to: { kind: "watch", username: end.username } };
    return end.kind === "report" ? { kind: "go", to: { kind: end.report } } : end;
  }
}

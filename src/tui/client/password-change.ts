/** The form for a new password: at the first login, and when a person wants to change it. */
import { PasswordForm, type PasswordFormOptions } from "../views/password-form.ts";
import type { Dialogs } from "../parts/dialogs.ts";
import type { Notices } from "../parts/notices.ts";
import type { Questions } from "./questions.ts";
import type { ActionRunner } from "../parts/action-runner.ts";

/** What the form needs. */
export interface PasswordsOptions {
  readonly questions: Questions;
  readonly notices: Notices;
  readonly actionRunner: ActionRunner;
  /** Throws a UserError that says where to change a password that isn't kept here. */
  readonly refuseElsewhere: (() => void) | undefined;
  /** Changes the password. Throws a UserError that says what is wrong with the new one. */
  readonly change: (old: string, fresh: string) => Promise<void>;
  /** Sets the password without the old one; undefined when the old one is needed. */
  readonly setFirst: ((fresh: string) => Promise<void>) | undefined;
  /** Ends the person's other terminals and connections, after a change of the password. */
  readonly endOthers: (() => Promise<void>) | undefined;
}

type Typed = Parameters<PasswordFormOptions["submit"]>[0];

/** The questions about the person's password on one screen. */
export class Passwords {
  readonly #options: PasswordsOptions;

  constructor(options: PasswordsOptions) {
    this.#options = options;
  }

  /** Asks for a new password for the person's own account, and sets it. */
  askNew(): void {
    const { questions, notices, actionRunner } = this.#options;
    actionRunner.run("ask-password", async () => {
      this.#options.refuseElsewhere?.();
      const words = {
        title: "Change your password",
        reason: "Choose a new password: at least 10 characters, or a few words.",
        askCurrent: true,
      };
      const done = await this.#showIn(questions.personal, words, ({ current, next }) =>
        this.#options.change(current, next),
      );
      if (!done) return;
      const ended = await this.#askEndOthers();
      notices.show({
        kind: "success",
        text: ended
          ? "Your password has been changed and your other sessions have ended."
          : "Your password has been changed.",
      });
    });
  }

  /** Asks whether to end the other terminals: somebody who knew the old password may be using one. */
  async #askEndOthers(): Promise<boolean> {
    const { endOthers, questions } = this.#options;
    if (!endOthers) return false;
    const wanted = await questions.personal.confirm<boolean>({
      title: "Password changed",
      text: "End your other sessions too? Whoever is logged in as you elsewhere is then logged out, and needs the new password.",
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

  /**
   * Shows the form of the first login, before the screen can be watched. True when the password is set, false when the
   * person gave up.
   */
  askFirst(title: string, reason: string): Promise<boolean> {
    const { questions, setFirst, change } = this.#options;
    const set = ({ current, next }: Typed): Promise<void> => (setFirst ? setFirst(next) : change(current, next));
    return this.#showIn(questions.dialogs, { title, reason, askCurrent: setFirst === undefined }, set);
  }

  #showIn(
    dialogs: Dialogs,
    words: Pick<PasswordFormOptions, "title" | "reason" | "askCurrent">,
    set: (passwords: Typed) => Promise<void>,
  ): Promise<boolean> {
    const submit = (passwords: Typed): Promise<string | undefined> => this.#submit(() => set(passwords));
    return dialogs.show(false, (onClose, redraw) => new PasswordForm({ ...words, submit, redraw, onClose }));
  }

  async #submit(set: () => Promise<void>): Promise<string | undefined> {
    try {
      await set();
      return undefined;
    } catch (error) {
      return this.#options.actionRunner.sentence(error);
    }
  }
}

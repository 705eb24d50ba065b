/** The form for a new password: for the first login, and when a person wants another one. */
import { PasswordForm, type PasswordFormOptions } from "../views/password-form.ts";
import type { Dialogs } from "../parts/dialogs.ts";
import type { Guard } from "../parts/guard.ts";

export interface PasswordsOptions {
  readonly dialogs: Dialogs;
  /** For the form of the first login, which nobody can watch yet. */
  readonly firstDialogs: Dialogs;
  readonly guard: Guard;
  /** Throws a UserError that says what is wrong with the new password. */
  readonly change: (old: string, fresh: string) => Promise<void>;
  /** The same without the old one. */
  readonly setFirst: ((fresh: string) => Promise<void>) | undefined;
}

type Typed = Parameters<PasswordFormOptions["submit"]>[0];

export class Passwords {
  readonly #options: PasswordsOptions;

  constructor(options: PasswordsOptions) {
    this.#options = options;
  }

  /** True when the person has a new password; false when they gave up. */
  ask(title: string, reason: string): Promise<boolean> {
    return this.#showIn(this.#options.dialogs, { title, reason, askCurrent: true }, ({ current, next }) => this.#options.change(current, next));
  }

  /** The same for a person who has logged in with an initial password a moment ago. */
  askFirst(title: string, reason: string): Promise<boolean> {
    const { firstDialogs, setFirst, change } = this.#options;
    const set = ({ current, next }: Typed): Promise<void> => (setFirst ? setFirst(next) : change(current, next));
    return this.#showIn(firstDialogs, { title, reason, askCurrent: setFirst === undefined }, set);
  }

  #showIn(dialogs: Dialogs, words: Pick<PasswordFormOptions, "title" | "reason" | "askCurrent">, set: (passwords: Typed) => Promise<void>): Promise<boolean> {
    const submit = (passwords: Typed): Promise<string | undefined> => this.#submit(() => set(passwords));
    return dialogs.show(false, (onClose, redraw) => new PasswordForm({ ...words, submit, redraw, onClose }));
  }

  async #submit(set: () => Promise<void>): Promise<string | undefined> {
    try {
      await set();
      return undefined;
    } catch (error) {
      return this.#options.guard.sentence(error);
    }
  }
}

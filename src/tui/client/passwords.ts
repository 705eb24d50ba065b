/** The form for a new password: for the first login, and when a person wants another one. */
import { PasswordForm } from "../views/password-form.ts";
import type { Dialogs } from "./dialogs.ts";
import type { Guard } from "./guard.ts";

export interface PasswordsOptions {
  readonly dialogs: Dialogs;
  readonly guard: Guard;
  /** Throws a UserError that says what is wrong with the new password. */
  readonly change: (old: string, fresh: string) => Promise<void>;
}

export class Passwords {
  readonly #options: PasswordsOptions;

  constructor(options: PasswordsOptions) {
    this.#options = options;
  }

  /** True when the person has a new password; false when they gave up. */
  ask(title: string, reason: string): Promise<boolean> {
    const submit = (passwords: { current: string; next: string }): Promise<string | undefined> => this.#submit(passwords);
    return this.#options.dialogs.show(false, (onClose, redraw) => new PasswordForm({ title, reason, askCurrent: true, submit, redraw, onClose }));
  }

  async #submit({ current, next }: { current: string; next: string }): Promise<string | undefined> {
    try {
      await this.#options.change(current, next);
      return undefined;
    } catch (error) {
      return this.#options.guard.sentence(error);
    }
  }
}

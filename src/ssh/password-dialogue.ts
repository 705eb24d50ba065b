/** The keyboard-interactive conversation (RFC 4256): the password, and a new one at the first login. */
import type { KeyboardAuthContext, Prompt } from "ssh2";
import { wrap } from "../base/wrap.ts";
import type { PasswordAnswer } from "./handlers.ts";

const defaultInstruction = "This is your first login: choose a new password (at least 10 characters).";
const maxChanges = 3;
/** Nobody knows the terminal's width before the login; this is the narrowest that is usual. */
const columns = 80;

/**
 * Asks `prompts`, by themselves without echo. Resolves with undefined when the client gave up, began something else, or answered
 * something else.
 */
export type Ask = (
  prompts: readonly (string | Prompt)[],
  instruction?: string,
) => Promise<readonly string[] | undefined>;

/** A function that asks through ssh2; it also resolves with undefined when `closed` is aborted. */
export function asking(context: KeyboardAuthContext, closed: AbortSignal): Ask {
  return (prompts, instruction = "") =>
    new Promise((resolve) => {
      if (closed.aborted) return resolve(undefined);
      const gone = (): void => resolve(undefined);
      closed.addEventListener("abort", gone, { once: true });
      const questions: Prompt[] = prompts.map((prompt) =>
        typeof prompt === "string" ? { prompt, echo: false } : prompt,
      );
      context.prompt(questions, "", wrap(instruction, columns).join("\n"), (answers: unknown) => {
        closed.removeEventListener("abort", gone);
        // An aborted conversation calls back with an Error; some clients answer fewer questions than they were asked.
        const fits = Array.isArray(answers) && answers.length === prompts.length;
        resolve(fits ? answers.map(String) : undefined);
      });
    });
}

type ChangeRequired<P> = Extract<PasswordAnswer<P>, { kind: "change-required" }>;

/** Lets the person choose a new password; undefined when three attempts were not enough, or the client gave up. */
export async function chooseNewPassword<P>(ask: Ask, required: ChangeRequired<P>): Promise<P | undefined> {
  const instruction = required.instruction ?? defaultInstruction;
  let reason = "";
  for (let attempt = 0; attempt < maxChanges; attempt += 1) {
    const first = (await ask(["New password: "], reason ? `${reason}\n${instruction}` : instruction))?.[0];
    if (first === undefined) return undefined;
    reason = required.check?.(first) ?? "";
    if (reason !== "") continue;
    const second = (await ask(["New password again: "]))?.[0];
    if (second === undefined) return undefined;
    if (first !== second) {
      reason = "The two passwords are not the same.";
      continue;
    }
    const changed = await required.change(first);
    if (changed.ok) return changed.principal;
    reason = changed.reason;
  }
  await ask([], `${reason}\nYour password was not changed. Log in again with the password you were given.`);
  return undefined;
}

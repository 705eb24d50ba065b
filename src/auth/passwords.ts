/** All rules for passwords, and initial passwords that can be read out in a classroom. */
import { randomInt } from "node:crypto";
import { counted } from "../base/counted.ts";
import { UserError } from "../base/errors.ts";
import { commonPasswords } from "./common-passwords.ts";
import { maxPasswordBytes } from "./password-hasher.ts";

/** What the rules depend on. */
export interface PasswordRules {
  /** Least number of characters. */
  readonly minimumLength: number;
  readonly username: string;
  /** Full name; the password must not be made of it. */
  readonly name?: string | undefined;
}

const advice = "Four or five unrelated words make a good one: easy to remember and hard to guess.";

/**
 * Checks a password that somebody chose. Throws `bad-password` saying what is wrong and what would be better. That it
 * differs from the old one is checked by `Accounts`, which knows the old hash.
 */
export function checkNewPassword(password: string, rules: PasswordRules): void {
  const length = [...password.normalize("NFC")].length; // eslint-disable-line typescript/no-misused-spread -- code points are what people count here
  if (length < rules.minimumLength) {
    throw bad(
      `the password is too short: it has ${counted(length, "character")}, and needs at least ${rules.minimumLength}`,
      advice,
    );
  }
  const bytes = Buffer.byteLength(password.normalize("NFC"));
  if (bytes > maxPasswordBytes) {
    throw bad(
      `the password is too long: ${counted(bytes, "byte")}`,
      `The limit is ${maxPasswordBytes} bytes (letters other than A to Z take two or more). Choose a shorter one.`,
    );
  }
  if (/\p{Cc}/u.test(password))
    throw bad("the password contains a control character", "Use letters, digits, punctuation and spaces.");
  if (isMadeOf(password, [rules.username, ...(rules.name ?? "").split(/[^\p{L}]+/u)])) {
    throw bad("the password is little more than your name", advice);
  }
  if (isTooSimple(password)) throw bad("the password is too easy to guess", advice);
}

/** The error for a new password that is the current one. */
export function samePassword(): UserError {
  return bad("the new password is the same as the old one", "Choose a different one.");
}

/** Whether hardly anything is left without the names, digits and signs: ada-1815-ada. */
function isMadeOf(password: string, names: readonly string[]): boolean {
  let rest = password.toLowerCase();
  let found = false;
  for (const name of names.map((part) => part.toLowerCase()).filter((part) => part.length >= 3 || part === names[0])) {
    if (!rest.includes(name)) continue;
    found = true;
    rest = rest.replaceAll(name, "");
  }
  return found && rest.replaceAll(/[^\p{L}]/gu, "").length < 3;
}

function isTooSimple(password: string): boolean {
  const plain = password.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  if (new Set(plain).size < 5) return true; // 1111111111, abcabcabcabc
  const undecorated = plain.replace(/\d{1,4}$/, ""); // password2024
  return commonPasswords.has(plain) || commonPasswords.has(undecorated);
}

function bad(message: string, hint: string): UserError {
  return new UserError("bad-password", message, hint);
}

/** No 0 and o, no 1, i and l: they look alike on a projector. Lower case only, which every keyboard types alike. */
const readable = "abcdefghjkmnpqrstuvwxyz23456789";
const groups = 4;
const groupLength = 4;

/** A random initial password such as `k7mp-x2wd-h4qz-9tbc`: 79 bits. */
export function generatePassword(): string {
  const letters = Array.from({ length: groups * groupLength }, () => readable[randomInt(readable.length)]).join("");
  return Array.from({ length: groups }, (_, group) =>
    letters.slice(group * groupLength, (group + 1) * groupLength),
  ).join("-");
}

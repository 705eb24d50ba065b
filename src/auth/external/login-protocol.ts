/**
 * What classh and the login program say to each other, one JSON object a line (docs/external-accounts.md). An answer
 * comes from outside: its fields are checked, and what people will read is cleaned of control and unseen characters.
 */
import { replaceUnseen, replaceUnseenInText } from "../../base/invisible.ts";
import { isRole, type Role } from "../roles.ts";

/** What the program is asked. */
export type LoginQuestion =
  | {
      readonly type: "password";
      readonly username: string;
      /** Empty when the person only pressed Enter. */
      readonly password: string;
      readonly address: string;
      /** Whether the person can be asked more. */
      readonly conversation: boolean;
    }
  | {
      readonly type: "key";
      readonly username: string;
      /** As in a .pub file, without a comment. */
      readonly key: string;
      /** Whether the account has this key here. */
      readonly known: boolean;
      readonly address: string;
    };

/** The account that an answer describes; what is absent is not known, or stays as it is. */
export interface DescribedAccount {
  readonly username?: string;
  readonly name?: string;
  readonly email?: string;
  readonly role?: Role;
  readonly section?: string;
  readonly teaches?: readonly string[];
}

/** A question to the person. */
export interface LoginPrompt {
  readonly prompt: string;
  /** Whether what is typed may be seen. */
  readonly echo: boolean;
}

/** What the program answers. */
export type LoginAnswer =
  | { readonly result: "accepted"; readonly account: DescribedAccount }
  /** `message` is shown to the person. */
  | { readonly result: "rejected"; readonly message?: string }
  /** It can't tell now; `reason` is for the log. */
  | { readonly result: "unavailable"; readonly reason: string }
  | { readonly result: "prompt"; readonly instruction: string; readonly prompts: readonly LoginPrompt[] }
  /** It needs more time. */
  | { readonly result: "waiting" };

/** Longest line from the program, in characters. */
export const maxLine = 64 * 1024;

const maxInstruction = 4000;
const maxMessage = 1000;
const maxPrompt = 200;
const maxPrompts = 10;
const maxSections = 50;

/** The id and the answer of a line. Throws an Error that says what is wrong with it. */
export function parseAnswer(line: string): { readonly id: number; readonly answer: LoginAnswer } {
  const fields = asObject(JSON.parse(line), "the line");
  if (typeof fields.id !== "number") throw new Error("the line has no id");
  return { id: fields.id, answer: readAnswer(fields) };
}

function readAnswer(fields: Readonly<Record<string, unknown>>): LoginAnswer {
  const { result } = fields;
  switch (result) {
    case "accepted":
      return { result, account: readAccount(asObject(fields.account ?? {}, "account")) };
    case "rejected": {
      const message = optionalText(fields, "message");
      return message ? { result, message: cleanLines(message, maxMessage) } : { result };
    }
    case "unavailable":
      return { result, reason: cleanLines(optionalText(fields, "reason") ?? "", maxMessage) };
    case "prompt":
      return {
        result,
        instruction: cleanLines(optionalText(fields, "instruction") ?? "", maxInstruction),
        prompts: list(fields, "prompts", maxPrompts).map(readPrompt),
      };
    case "waiting":
      return { result };
    default:
      throw new Error("result is none of accepted, rejected, unavailable, prompt, waiting");
  }
}

function readPrompt(value: unknown): LoginPrompt {
  const fields = asObject(value, "a prompt");
  const text = optionalText(fields, "prompt");
  if (!text) throw new Error("a prompt has no text");
  return { prompt: replaceUnseen(text, "").slice(0, maxPrompt), echo: fields.echo === true };
}

/** Names are checked by `checkNewAccount`, with the account in hand. */
function readAccount(fields: Readonly<Record<string, unknown>>): DescribedAccount {
  const role = optionalText(fields, "role");
  if (role !== undefined && !isRole(role)) throw new Error("role is none of student, ta, professor, admin");
  const teaches = fields.teaches === undefined ? undefined : list(fields, "teaches", maxSections).map(asText);
  return {
    ...texts(fields, ["username", "name", "email", "section"]),
    ...(role === undefined ? {} : { role }),
    ...(teaches === undefined ? {} : { teaches: [...new Set(teaches)] }),
  };
}

function texts<Name extends string>(
  fields: Readonly<Record<string, unknown>>,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const given = names.flatMap((name) => {
    const text = optionalText(fields, name);
    return text ? [[name, text] as const] : [];
  });
  return Object.fromEntries(given) as Partial<Record<Name, string>>;
}

function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error(`${what} is no object`);
  return value as Readonly<Record<string, unknown>>;
}

function asText(value: unknown): string {
  if (typeof value !== "string") throw new Error("a list holds something other than texts");
  return value;
}

/** A text; null is as good as absent. */
function optionalText(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name] ?? undefined;
  if (value !== undefined && typeof value !== "string") throw new Error(`${name} is no text`);
  return value;
}

function list(fields: Readonly<Record<string, unknown>>, name: string, max: number): readonly unknown[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value) || value.length > max) throw new Error(`${name} is no list of at most ${max}`);
  return value;
}

/** Text of several lines, without what can't be seen. */
function cleanLines(text: string, maxLength: number): string {
  const lines = text.replaceAll("\r\n", "\n").slice(0, maxLength).split("\n");
  return lines.map((line) => replaceUnseenInText(line, () => "")).join("\n");
}

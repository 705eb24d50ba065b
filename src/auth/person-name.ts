/** Full names as people and their offices write them: "Grace Hopper", "Hopper, Grace", "Dr. Ludwig van Beethoven". */
import type { Account } from "./account.ts";

/** What may stand after a comma, or at the end, and belongs to neither first nor last name. */
const suffix = /^(jr|sr|ii|iii|iv|phd|ph\.d|md|m\.d|mba|msc|m\.sc|ma|m\.a|bsc|b\.sc|ba|b\.a|esq)\.?$/i;
const title = /^(prof|professor|dr|mr|mrs|ms|mx|miss|sir|dame|herr|frau)\.?$/i;
/** Particles that belong to the following name. */
const particle = /^(van|von|vom|zu|zur|zum|de|del|della|der|den|di|da|dos|das|du|la|le|ten|ter|el|al|bin|ibn|af|av)$/i;

/**
 * "Hopper, Grace" as "Grace Hopper"; other names, "Sammy Davis, Jr." among them, stay as they are. Blanks become single
 * ones.
 */
export function turnedRound(name: string): string {
  const clean = name.trim().replace(/\s+/g, " ");
  const [last = "", first = "", ...more] = clean.split(",").map((part) => part.trim());
  if (last === "" || first === "" || suffix.test(first)) return clean;
  if (more.length > 1 || (more.length === 1 && !suffix.test(more[0] ?? ""))) return clean;
  return [first, last, ...more].join(" ");
}

/** The family name, with "van" and the like; the only word of a name with one. Empty for an empty name. */
export function surname(name: string): string {
  const clean = name
    .replace(/\([^)]*\)/g, " ")
    .trim()
    .replace(/\s+/g, " ");
  const turned = turnedRound(clean);
  // Where there is a comma, everything before it is the last name: "Lopez Garcia, Ana".
  if (turned !== clean) return withoutTitles((clean.split(",")[0] ?? "").split(" ")).join(" ");
  const words = withoutTitles(turned.split(/[ ,]+/));
  while (words.length > 1 && suffix.test(words.at(-1) ?? "")) words.pop();
  let start = Math.max(0, words.length - 1);
  while (start > 1 && particle.test(words[start - 1] ?? "")) start--;
  return words.slice(start).join(" ");
}

function withoutTitles(words: readonly string[]): string[] {
  const rest = words.filter((word) => word !== "" && !title.test(word));
  return rest.length > 0 ? rest : [...words];
}

/** How students address a teacher: "Prof. Hopper", "Tia"; without a name the user name. */
export function addressed({ username, name, role }: Pick<Account, "username" | "name" | "role">): string {
  const full = turnedRound(name);
  if (full === "") return username;
  if (role !== "professor" || /^prof/i.test(full)) return full;
  return `Prof. ${surname(name)}`;
}

/** How somebody is spoken of: "Grace Hopper"; without a name the user name. */
export function spokenName({ username, name }: { readonly username: string; readonly name: string }): string {
  return turnedRound(name) || username;
}

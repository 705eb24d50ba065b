/**
 * Characters that show nothing on a screen, or a blank other than the space: they make two names look alike, or one
 * look empty. The sets are Unicode's own properties rather than a list of ours, so that they grow with Unicode:
 * controls (Cc), formats (Cf), what fonts ignore (Default_Ignorable_Code_Point: soft hyphen, Hangul fillers, variation
 * selectors, tags), line and paragraph separators, blanks other than U+0020. One is in no set: the braille pattern
 * without dots, which is drawn as a blank.
 */
const unseen = String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]`;
const otherBlank = String.raw`(?! )\p{Zs}`;

/** Source of a regular expression (flag u) for one such character, lone surrogates excepted. */
export const invisibleSource = `(?:${unseen}|${otherBlank})`;
/**
 * Source for one character that can't be seen. Blanks of other scripts, which people write with, are not among them.
 */
const unseenSource = `(?:${unseen}|\\p{Cs})`;

const invisible = new RegExp(invisibleSource, "u");
const unseenCharacters = new RegExp(unseenSource, "gu");
const joining = [
  String.raw`(?<=[\p{L}\p{M}])[\u200c\u200d](?=[\p{L}\p{M}])`,
  String.raw`(?<=\p{Emoji})[\ufe0e\ufe0f]`,
  String.raw`(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d(?=\p{Extended_Pictographic})`,
].join("|");
const unseenInText = new RegExp(`(${joining})|${unseen}`, "gu");

/** Whether a text contains a character that can't be seen, or a blank other than the space. */
export function hasInvisible(text: string): boolean {
  return invisible.test(text);
}

/** A single-line text (a name, an entry) with its unseen characters replaced. */
export function replaceUnseen(text: string, by: string | ((character: string) => string)): string {
  return text.replace(unseenCharacters, (character) => (typeof by === "string" ? by : by(character)));
}

/** The same for prose: joiners of emoji, and of letters in Persian and Indic scripts, stay. */
export function replaceUnseenInText(text: string, by: (character: string) => string): string {
  return text.replace(unseenInText, (character, kept: string | undefined) =>
    kept === undefined ? by(character) : character,
  );
}

/** A character as its escape: `\n`, `\x1b`, `\u202e`, `\u{e0041}`. */
export function spellOut(character: string): string {
  const named = { "\n": "\\n", "\t": "\\t", "\r": "\\r" }[character];
  if (named !== undefined) return named;
  const code = character.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  if (code < 0x100) return `\\x${digits.padStart(2, "0")}`;
  return code > 0xffff ? `\\u{${digits}}` : `\\u${digits.padStart(4, "0")}`;
}

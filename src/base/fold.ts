/** Letters that Unicode does not decompose, and what people type instead. */
const others: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  đ: "d",
  ð: "d",
  þ: "th",
  ł: "l",
  ħ: "h",
  ı: "i",
};

/**
 * `text` as people search for it: lower case without accents, so that "zoe" finds "Zoë" and "lukasz" finds "Łukasz".
 */
export function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[ßæœøđðþłħı]/g, (letter) => others[letter] ?? letter);
}

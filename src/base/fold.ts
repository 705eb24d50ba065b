/** Letters that Unicode does not take apart, though people without them on their keyboard write others. */
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

/** `text` as people search for it: small letters without accents, so that "zoe" finds "Zoë" and "Łukasz" is found by "lukasz". */
export function folded(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[ßæœøđðþłħı]/g, (letter) => others[letter] ?? letter);
}

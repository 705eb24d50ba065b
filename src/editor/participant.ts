/** Somebody at the documents of a session: the student it belongs to, or a teacher who looks on or helps. */
export class Participant {
  /** What others read at this person's cursor. */
  readonly name: string;
  /** Which of the screen's colours for people this one has, from 0; who owns the session has 0. */
  readonly color: number;
  /** Whether this person's edits are taken, in every document and whatever the screen allows. May change at any time. */
  mayEdit: boolean;

  constructor({
    name,
    color = 0,
    mayEdit = true,
  }: {
    readonly name: string;
    readonly color?: number;
    readonly mayEdit?: boolean;
  }) {
    this.name = name;
    this.color = color;
    this.mayEdit = mayEdit;
  }

  /** One or two letters that stand for the name: "GH" for Grace Hopper. */
  get initials(): string {
    const words = this.name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
    const first = words[0] ?? "?";
    const last = words.length > 1 ? (words.at(-1) ?? "") : "";
    return (firstLetter(first) + firstLetter(last)).toUpperCase();
  }
}

function firstLetter(word: string): string {
  return /^./u.exec(word)?.[0] ?? ""; // not half of a character beyond 16 bits
}

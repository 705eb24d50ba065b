/** Somebody in a session's documents: the student who owns it, or a teacher who looks around or helps. */
export class Participant {
  /** The name that others read at this person's cursor. */
  readonly name: string;
  /** The index of the person's colour, from 0; the owner has 0. */
  readonly color: number;
  /** Whether this person may edit, in every document and whatever the screen allows. May change at any time. */
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

  /** The initials: "GH" for Grace Hopper. */
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

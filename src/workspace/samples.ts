/** What a new course and a new home contain, written for somebody who has never programmed. */
import type { courseFolders } from "./paths.ts";

/** The first program of an account; F5 runs it. */
export function welcomeProgram(username: string): string {
  return `# Welcome, ${username}! Press F5 to run this program.
name = input("What is your name? ")

for i in range(3):
    print("Hello,", name)

# Change the 3 above, and run it again.
`;
}

type Samples = Readonly<Record<(typeof courseFolders)[number], Readonly<Record<string, string>>>>;

/** File names and texts for each folder of the course. */
export const courseSamples: Samples = {
  "Lecture Notes": {
    "01 Welcome.md": `# Welcome

This is your place to write and run Python programs.

- On the left are your files. Yours are under "home"; the course's are under
  "course". You can read the course's files, but not change them.
- In the middle is the editor. Type, and press Ctrl-S to save.
- F5 (or Ctrl-R) saves your program and runs it.
- Below is the console: there your program prints its output and asks its
  questions. When it has ended, you can look at its variables at the >>> prompt.
- Ctrl-C in the console stops a program that runs too long.
- F1 (or Ctrl-G) shows all keys.

## A program

    price = float(input("Price of one apple? "))
    count = int(input("How many apples? "))
    print("That makes", price * count)

Make a new file with Ctrl-N, call it apples.py, type the three lines, and
press F5. If something goes wrong, read the last line of the message first: it
says what is wrong, and the line above it says where.
`,
  },
  Assignments: {
    "01 Countdown.md": `# Assignment 1: a countdown

Write a program countdown.py in your home that asks for a number and counts
down from it:

    Start at? 3
    3
    2
    1
    Lift-off!

Hints

- input() gives text; int(...) turns it into a number.
- range(3, 0, -1) counts 3, 2, 1.
- First write a program that only prints what was typed in, and run it. Then go
  on, one small step at a time.

More, if you like: what does your program do when someone types "ten"? Make it
ask again.
`,
  },
  Tests: {},
};

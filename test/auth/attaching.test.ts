import assert from "node:assert/strict";
import { mayAttach, viewModes, type ViewMode } from "../../src/auth/attaching.ts";
import type { Role } from "../../src/auth/roles.ts";

interface Someone {
  readonly username: string;
  readonly role: Role;
  readonly section?: string;
  readonly sections?: readonly string[];
}

function allowed(viewer: Someone, person: Someone): readonly ViewMode[] {
  const whole = (who: Someone) => ({ section: undefined, sections: [], ...who });
  return viewModes.filter((mode) => mayAttach(whole(viewer), whole(person), mode));
}

const ada: Someone = { username: "ada", role: "student", section: "A" };
const everything: readonly ViewMode[] = ["watch", "look", "help", "drive"];
const onlySeeing: readonly ViewMode[] = ["watch", "look"];

describe("who may attach to whom", () => {
  const cases: readonly [string, Someone, Someone, readonly ViewMode[]][] = [
    ["a professor to a student, in every mode", { username: "p", role: "professor" }, ada, everything],
    ["a professor to an assistant", { username: "p", role: "professor" }, { username: "t", role: "ta" }, everything],
    [
      "a professor to another one, only to see",
      { username: "p", role: "professor" },
      { username: "q", role: "professor" },
      onlySeeing,
    ],
    ["a professor to no admin", { username: "p", role: "professor" }, { username: "a", role: "admin" }, []],
    ["an admin to a professor", { username: "a", role: "admin" }, { username: "p", role: "professor" }, everything],
    [
      "an assistant to a student of a section that they teach",
      { username: "t", role: "ta", sections: ["A", "B"] },
      ada,
      everything,
    ],
    ["an assistant to nobody of another section", { username: "t", role: "ta", sections: ["B"] }, ada, []],
    [
      "an assistant to no student without a section",
      { username: "t", role: "ta", sections: ["A"] },
      { username: "x", role: "student" },
      [],
    ],
    [
      "an assistant to no assistant",
      { username: "t", role: "ta", sections: ["A"] },
      { username: "u", role: "ta", section: "A" },
      [],
    ],
    [
      "a student to nobody, of the own section neither",
      { username: "b", role: "student", section: "A", sections: ["A"] },
      ada,
      [],
    ],
    ["nobody to themselves", { username: "p", role: "professor" }, { username: "p", role: "professor" }, []],
  ];
  for (const [title, viewer, person, modes] of cases) it(title, () => assert.deepEqual(allowed(viewer, person), modes));
});

import assert from "node:assert/strict";
import { UserError } from "../../src/base/errors.ts";
import { locate, type Person, type Location } from "../../src/workspace/access.ts";
import { students } from "./fixture.ts";
import { formatPath, parsePath } from "../../src/workspace/paths.ts";

const person = (role: Person["role"]): Person => ({ username: "ada", role });

/** Where a path leads: the place on disk and its rights, or the code of the refusal. */
function leads(path: string, role: Person["role"] = "student"): string {
  let place: Location;
  try {
    place = locate(path, person(role), 64, students(["alan"]));
  } catch (error) {
    assert.ok(error instanceof UserError, String(error));
    return error.code;
  }
  if (place.kind === "virtual") return `virtual: ${place.children.join(", ")}`;
  return `${place.names.join("/")} ${place.writable ? "rw" : "ro"}${place.fixed ? " fixed" : ""}`;
}

describe("the path language", () => {
  it("means the same from everywhere: relative, with dots, with a tilde", () => {
    const cases: readonly (readonly [string, string])[] = [
      ["area.py", "/home/ada/area.py"],
      ["./a//b/", "/home/ada/a/b"],
      ["~", "/home/ada"],
      ["~/a.py", "/home/ada/a.py"],
      ["~x", "/home/ada/~x"],
      ["a/../../../course/Tests", "/course/Tests"],
      ["/../../..", "/"],
      ["/course/Lecture Notes/./01 Welcome.md", "/course/Lecture Notes/01 Welcome.md"],
      ["two\nlines", "/home/ada/two\nlines"],
    ];
    for (const [text, path] of cases) assert.equal(formatPath(parsePath(text, "ada")), path);
  });

  it("refuses what can't be a path", () => {
    for (const text of ["", "a\0b", "x".repeat(4096), "a\ud800"])
      assert.throws(() => parsePath(text, "ada"), { code: "bad-path" });
  });

  it("has one text for each name, so that rules about names can't be dodged", () => {
    assert.deepEqual(parsePath("\udcc3\udca9", "ada"), ["home", "ada", "é"]);
  });

  it("gives students their home and the course to read, and nothing else", () => {
    assert.equal(leads("/"), "virtual: home, course");
    assert.equal(leads("/home"), "virtual: ada");
    assert.equal(leads("/home/ada"), "Local/ada rw fixed");
    assert.equal(leads("a/b.py"), "Local/ada/a/b.py rw");
    assert.equal(leads("/home/alan/x.py"), "not-permitted");
    assert.equal(leads("../alan/x.py"), "not-permitted");
    assert.equal(leads("/students"), "not-permitted");
    assert.equal(leads("/students/ada"), "not-permitted");
    assert.equal(leads("/course"), "virtual: Lecture Notes, Assignments, Tests");
    assert.equal(leads("/course/Tests"), "Tests ro fixed");
    assert.equal(leads("/course/Tests/t.py"), "Tests/t.py ro");
    assert.equal(leads("/course/Local"), "file-not-found");
    assert.equal(leads("/course/../Local/ada"), "file-not-found");
    assert.equal(leads("/etc/passwd"), "file-not-found");
    for (const path of [
      "/staff",
      "/staff/Assignments",
      "/staff/Tests/t/solution/t.py",
      "/course/../Staff",
      "/course/Staff",
    ])
      assert.equal(leads(path), "file-not-found");
  });

  it("gives teaching assistants the files of their students to read", () => {
    assert.equal(leads("/", "ta"), "virtual: home, course, students, staff");
    assert.equal(leads("/staff", "ta"), "virtual: Assignments, Tests");
    assert.equal(leads("/staff/Tests", "ta"), "Staff/Tests ro fixed");
    assert.equal(leads("/staff/Assignments/hw1/checks/x.in", "ta"), "Staff/Assignments/hw1/checks/x.in ro");
    assert.equal(leads("/staff/Lecture Notes", "ta"), "file-not-found");
    assert.equal(leads("/course/Staff", "ta"), "file-not-found");
    assert.equal(leads("/students/alan/x.py", "ta"), "Local/alan/x.py ro");
    assert.equal(leads("/students/grace/x.py", "ta"), "file-not-found");
    assert.equal(leads("/course/Tests/t.py", "ta"), "Tests/t.py ro");
  });

  it("gives professors and admins the course to write and every student's home", () => {
    for (const role of ["professor", "admin"] as const) {
      assert.equal(leads("/", role), "virtual: home, course, students, staff");
      assert.equal(leads("/staff/Tests/t/solution/t.py", role), "Staff/Tests/t/solution/t.py rw");
      assert.equal(leads("/students", role), "Local ro fixed");
      assert.equal(leads("/students/alan", role), "Local/alan rw fixed");
      assert.equal(leads("/students/alan/x.py", role), "Local/alan/x.py rw");
      assert.equal(leads("/students/prof/x.py", role), "file-not-found");
      assert.equal(leads("/students/Not An Account/x", role), "file-not-found");
      assert.equal(leads("/course/Tests/t.py", role), "Tests/t.py rw");
      assert.equal(leads("/home/alan", role), "not-permitted");
    }
  });

  it("refuses paths deeper than the limit", () => {
    assert.equal(leads(`${"d/".repeat(63)}f`), `Local/ada/${"d/".repeat(63)}f rw`);
    assert.equal(leads(`${"d/".repeat(64)}f`), "too-deep");
  });
});

import assert from "node:assert/strict";
import {
  byNeed,
  bySameError,
  countErrors,
  errorKey,
  finder,
  needOf,
  type StudentStatus,
} from "../../src/classroom/need.ts";

const now = Date.UTC(2026, 0, 1, 10);
const ago = (seconds: number): number => now - seconds * 1000;

function student(username: string, more: Partial<StudentStatus> = {}): StudentStatus {
  return {
    username,
    name: "",
    section: "A",
    state: "typing",
    since: ago(5),
    file: undefined,
    error: undefined,
    run: undefined,
    hand: undefined,
    ...more,
  };
}

const failed = { file: "/home/x/a.py", outcome: "error", ok: false, at: ago(90) };
const hand = (seconds: number) => ({ note: "", raisedAt: ago(seconds), claimedBy: undefined });

describe("the class view's order", () => {
  it("is hands by waiting time, the same error again and again, long idle after an error, long runs, then names; offline last", () => {
    const sorted = [
      student("zoe"),
      student("anna", { state: "offline", since: undefined }),
      student("run1", { state: "running", since: ago(40) }),
      student("run2", { state: "running", since: ago(400) }),
      student("lost1", { state: "error", since: ago(70), run: failed, error: { text: "E", times: 1 } }),
      student("lost2", { state: "error", since: ago(700), run: failed, error: { text: "E", times: 2 } }),
      student("stuck3", { run: failed, error: { text: "E", times: 3 } }),
      student("stuck9", { run: failed, error: { text: "E", times: 9 } }),
      student("hand1", { hand: hand(10) }),
      student("hand2", { hand: hand(900), state: "offline", since: undefined }),
      student("bob"),
    ];
    assert.deepEqual(
      byNeed(sorted, now).map(({ username }) => username),
      ["hand2", "hand1", "stuck9", "stuck3", "lost2", "lost1", "run2", "run1", "bob", "zoe", "anna"],
    );
  });

  it("leaves in peace who has just begun to run, has just failed, or has mended the error", () => {
    assert.equal(needOf(student("a", { state: "running", since: ago(5) }), now), "none");
    assert.equal(
      needOf(student("a", { state: "error", since: ago(20), run: failed, error: { text: "E", times: 1 } }), now),
      "none",
    );
    assert.equal(needOf(student("a", { run: { ...failed, ok: true }, error: { text: "E", times: 5 } }), now), "none");
  });

  it("has a hand to which somebody goes after those that nobody has, and before whatever is no hand", () => {
    const tia = { username: "tia", name: "Tia" };
    const sorted = [
      student("stuck", { run: failed, error: { text: "E", times: 9 } }),
      student("late", { hand: hand(10) }),
      student("taken", { hand: { ...hand(900), claimedBy: tia } }),
    ];
    assert.deepEqual(
      byNeed(sorted, now).map(({ username }) => username),
      ["late", "taken", "stuck"],
    );
  });

  it("is filtered by words of name, section and state, whatever the capitals and accents", () => {
    const ada = student("ada", { name: "Ada Lovelace", section: "Lab 2", state: "error", hand: hand(1) });
    for (const query of ["ada", "LOVE", "lab error", "2 ada", "hand", "a", "l"])
      assert.ok(finder(query, [])(ada), query);
    for (const query of ["grace", "ada running", "Lab 3", "rror", "v"]) assert.ok(!finder(query, [])(ada), query);
    const zoe = student("zoe1", { name: "Zoë Łukaßik-Ørsted", section: "Übung" });
    for (const query of ["zoe", "ZOË", "lukassik", "orsted", "ubung", "Üb"]) assert.ok(finder(query, [])(zoe), query);
    assert.ok(finder("zoë", [])(student("zoe")), "an accent in the query is folded as well");
  });

  const school = [
    student("anna", { section: "A" }),
    student("bea", { section: "B", name: "Bea Ada" }),
    student("cal", { section: "A1" }),
    student("dan", { section: undefined, name: "A. Dan" }),
    student("eve", { section: "Lab 2", state: "away" }),
  ];
  const found = (query: string): string =>
    school
      .filter(finder(query, ["A", "B", "A1", "Lab 2", "Lab"]))
      .map(({ username }) => username)
      .join(" ");
  it("means the section by its name, and nothing else that has these letters", () => {
    const cases = {
      A: "anna",
      a: "anna",
      "section a": "anna",
      "section:A": "anna",
      a1: "cal",
      "A bea": "",
      "b ada": "bea",
      "lab 2": "eve",
      "2": "eve",
      lab: "",
      "lab 2 aw": "eve",
      "a b": "anna bea",
    };
    for (const [query, names] of Object.entries(cases)) assert.equal(found(query), names, query);
    assert.equal(
      school.filter(finder("a", ["B"])).length,
      5,
      "no section is called that: whose name, section or state begins so",
    );
  });

  it("puts those with the same error together, the largest group first, whatever the line", () => {
    const error = (text: string) => ({
      run: failed,
      error: { text, times: 1 },
      state: "error" as const,
      since: ago(5),
    });
    const all = [
      student("a"),
      student("b", error("KeyError: 'x' (line 3)")),
      student("c", error("NameError: name 'x' is not defined (line 3)")),
      student("d", error("KeyError: 'x' (line 14)")),
      student("e", error("SyntaxError: invalid syntax (line 1)")),
      student("f", { ...error("KeyError: 'x' (line 2)"), hand: hand(9) }),
      student("g", error("NameError: name 'x' is not defined (line 9)")),
      student("h", { error: { text: "KeyError: 'x' (line 3)", times: 1 }, run: { ...failed, ok: true } }),
    ];
    assert.deepEqual(
      bySameError(all, now).map(({ username }) => username),
      ["f", "b", "d", "c", "g", "a", "e", "h"],
    );
    assert.deepEqual([...countErrors(all).values()], [3, 2, 1]);
    assert.equal(errorKey(all[7] ?? student("x")), undefined, "an error that the last run did not have any more");
  });
});

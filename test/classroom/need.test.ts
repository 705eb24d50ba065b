import assert from "node:assert/strict";
import { byNeed, matches, needOf, type Student } from "../../src/classroom/need.ts";

const now = Date.UTC(2026, 0, 1, 10);
const ago = (seconds: number): number => now - seconds * 1000;

function student(username: string, more: Partial<Student> = {}): Student {
  return { username, name: "", section: "A", state: "typing", since: ago(5), file: undefined, error: undefined, run: undefined, hand: undefined, ...more };
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
    assert.deepEqual(byNeed(sorted, now).map(({ username }) => username),
      ["hand2", "hand1", "stuck9", "stuck3", "lost2", "lost1", "run2", "run1", "bob", "zoe", "anna"]);
  });

  it("leaves in peace who has just begun to run, has just failed, or has mended the error", () => {
    assert.equal(needOf(student("a", { state: "running", since: ago(5) }), now), "none");
    assert.equal(needOf(student("a", { state: "error", since: ago(20), run: failed, error: { text: "E", times: 1 } }), now), "none");
    assert.equal(needOf(student("a", { run: { ...failed, ok: true }, error: { text: "E", times: 5 } }), now), "none");
  });

  it("is filtered by words of name, section and state, whatever the capitals", () => {
    const ada = student("ada", { name: "Ada Lovelace", section: "Lab 2", state: "error", hand: hand(1) });
    for (const query of ["ada", "LOVE", "lab error", "2 ada", "hand"]) assert.ok(matches(ada, query), query);
    for (const query of ["grace", "ada running", "Lab 3"]) assert.ok(!matches(ada, query), query);
  });
});

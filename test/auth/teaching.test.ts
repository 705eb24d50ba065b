import assert from "node:assert/strict";
import { roles, type Role } from "../../src/auth/roles.ts";
import { maySee, teaches, type Observer } from "../../src/auth/teaching.ts";

const viewer = (role: Role, ...sections: string[]): Observer => ({ username: "viewer", role, sections });
const person = (role: Role, section?: string) => ({ username: "person", role, section });

describe("who teaches whom", () => {
  it("goes down the ladder for professors and admins, whatever the section", () => {
    const taught = (role: Role): readonly Role[] => roles.filter((other) => teaches(viewer(role), person(other, "A")));
    assert.deepEqual(taught("admin"), ["student", "ta", "professor"]);
    assert.deepEqual(taught("professor"), ["student", "ta"]);
    assert.deepEqual(taught("ta"), []);
    assert.deepEqual(taught("student"), []);
  });

  it("goes by sections for teaching assistants, and only to students", () => {
    const tia = viewer("ta", "A", "C");
    assert.ok(teaches(tia, person("student", "A")));
    assert.ok(teaches(tia, person("student", "C")));
    assert.ok(!teaches(tia, person("student", "B")));
    assert.ok(!teaches(tia, person("student")), "who is in no section is in nobody's");
    for (const role of ["ta", "professor", "admin"] as const) assert.ok(!teaches(tia, person(role, "A")), role);
  });

  it("never goes to oneself, nor from a student, whatever sections are claimed", () => {
    assert.ok(!teaches({ ...viewer("admin"), username: "person" }, person("student", "A")));
    for (const role of roles) assert.ok(!teaches(viewer("student", "A"), person(role, "A")));
  });

  it("lets everybody see their own account, and professors all of them", () => {
    assert.ok(maySee({ ...viewer("student"), username: "person" }, person("student", "A")));
    assert.ok(maySee(viewer("professor"), person("admin")));
    assert.ok(!maySee(viewer("ta", "A"), person("ta", "A")));
    assert.ok(!maySee(viewer("student", "A"), person("student", "A")));
  });
});

import assert from "node:assert/strict";
import { may, mayActOn, permissions, roles, type Permission } from "../../src/auth/roles.ts";

/** What each role adds to the one below it. */
const added: Record<(typeof roles)[number], Permission[]> = {
  student: ["session", "run", "course.read", "message.send"],
  ta: [
    "user.read-section",
    "status",
    "session.read",
    "attach",
    "class.read",
    "usage.read-section",
    "hand.manage",
    "broadcast",
    "students.read",
    "staff.read",
    "user.reset-password",
  ],
  professor: ["user.read", "course.write", "students.files", "section.manage", "audit.read-section"],
  admin: ["user.write", "audit.read", "backup", "doctor", "log.read", "usage.read"],
};

describe("roles", () => {
  it("give each role exactly what the table says, and all that the roles below it have", () => {
    const granted = new Set<Permission>();
    for (const role of roles) {
      for (const permission of added[role]) granted.add(permission);
      assert.deepEqual(permissions.filter((permission) => may(role, permission)).sort(), [...granted].sort(), role);
    }
  });

  it("let people act on lower roles only, so that a professor cannot take over an admin", () => {
    assert.ok(mayActOn("professor", "student"));
    assert.ok(!mayActOn("professor", "professor"));
    assert.ok(!mayActOn("professor", "admin"));
    assert.ok(mayActOn("admin", "admin"));
    assert.ok(!mayActOn("student", "student"));
  });
});

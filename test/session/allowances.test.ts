import assert from "node:assert/strict";
import type { Role } from "../../src/auth/roles.ts";
import { UserError } from "../../src/base/errors.ts";
import { RoleRateLimiter } from "../../src/limits/role-rate.ts";
import { Allowances } from "../../src/session/allowances.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("allowances", () => {
  const clock = new FakeClock();
  const fileOperations = new RoleRateLimiter({ perMinute: 10, factors: { student: 1, professor: 3 }, clock });
  const of = (username: string, role: Role) =>
    new Allowances({ person: { username, role }, runs: fileOperations, fileOperations });

  function operations(allowances: Allowances): number {
    for (let count = 0; ; count += 1) {
      try {
        allowances.takeFileOperation();
      } catch (error) {
        assert.ok(error instanceof UserError);
        assert.equal(error.code, "too-many-operations");
        assert.match(
          `${error.message}. ${error.hint}`,
          /^too many file operations; try again in [26] s\. Your text is kept\.$/,
        );
        return count;
      }
    }
  }

  it("let each role save so often, and say when to try again", () => {
    assert.equal(operations(of("ada", "student")), 10);
    assert.equal(operations(of("prof", "professor")), 30);
    clock.advance(6000);
    assert.equal(operations(of("ada", "student")), 1);
    assert.equal(operations(of("prof", "professor")), 3);
    fileOperations.reset("ada");
    assert.equal(operations(of("ada", "student")), 10);
  });
});

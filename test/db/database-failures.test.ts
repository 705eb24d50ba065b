import assert from "node:assert/strict";
import { UserError } from "../../src/base/errors.ts";
import { isConnectionFailure, isDuplicate, sqlState, translate } from "../../src/db/database-failures.ts";

function failure(code: string | undefined, message = "some words"): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

describe("a failure of the database", () => {
  const cases: [string, Error, boolean][] = [
    ["a server that is not there", failure("ECONNREFUSED"), true],
    ["a socket that is not there", failure("ENOENT"), true],
    ["a server that is shut down", failure("57P01"), true],
    ["a server that is starting", failure("57P03"), true],
    ["a server with no free connection", failure("53300"), true],
    ["both addresses of a host refusing", new AggregateError([failure("ECONNREFUSED"), failure("EHOSTUNREACH")]), true],
    ["a connection that ended", failure(undefined, "Connection terminated unexpectedly"), true],
    ["a pool without a free connection", failure(undefined, "timeout exceeded when trying to connect"), true],
    ["a duplicate", failure("23505"), false],
    ["a mistake in SQL", failure("42601"), false],
    ["a wrong password of the server's account", failure("28P01"), false],
    ["a bug of ours", new TypeError("x is not a function"), false],
  ];
  for (const [what, error, expected] of cases) {
    it(`by ${what} ${expected ? "is" : "is not"} one of the connection`, () => {
      assert.equal(isConnectionFailure(error), expected);
      const shown = translate(error);
      assert.equal(shown instanceof UserError && shown.code === "database-unavailable", expected);
      if (!expected) assert.equal(shown, error);
    });
  }

  it("by a full disk says so", () => {
    const shown = translate(failure("53100"));
    assert.ok(shown instanceof UserError && shown.code === "disk-full");
  });

  it("has an SQLSTATE only when the server sent one", () => {
    assert.equal(sqlState(failure("23505")), "23505");
    assert.equal(sqlState(failure("ECONNREFUSED")), undefined);
    assert.equal(sqlState("23505"), undefined);
    assert.ok(
      isDuplicate(Object.assign(failure("23505"), { constraint: "users_username_unique" }), "users_username_unique"),
    );
    assert.ok(!isDuplicate(Object.assign(failure("23505"), { constraint: "users_username_unique" }), "another"));
  });
});

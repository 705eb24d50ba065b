/** A thread that does what it is told. */
import { UserError } from "../../../src/base/errors.ts";
import { beWorkThread } from "../../../src/base/work-thread.ts";

const kept: unknown[] = [];

beWorkThread((question, tell) => {
  if (question === "die") process.exit(3);
  if (question === "refuse") throw new UserError("too-deep", "it is too deep", "Dig less.");
  if (question === "break") throw new Error("a bug");
  if (question === "fill") for (;;) kept.push(Array.from({ length: 1000 }, () => ({ kept })));
  if (question === "spin") {
    tell("spinning");
    for (;;) kept.length = 0;
  }
  tell(`${String(question)} 1`);
  tell(`${String(question)} 2`);
});

/**
 * Mocha's usual report, and for bin/test two files: the one that TEST_TALLY names gets the numbers of passed and failed tests, and the
 * one beside it, with `.failures` after its name, what failed and why, if anything did.
 */
"use strict";
const { writeFileSync } = require("node:fs");
const { format } = require("node:util");
const { reporters, Runner } = require("mocha");

/** What mocha prints of failed tests, as text. Its list goes wherever `Base.consoleLog` writes. */
function described(failures) {
  const lines = [];
  const print = reporters.Base.consoleLog;
  reporters.Base.consoleLog = (...parts) => lines.push(format(...parts));
  try {
    reporters.Base.list(failures);
  } finally {
    reporters.Base.consoleLog = print;
  }
  return lines.join("\n");
}

module.exports = class TallyReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const tally = process.env.TEST_TALLY;
      if (!tally) return;
      writeFileSync(tally, `${this.stats.passes} ${this.stats.failures}\n`);
      if (this.failures.length > 0) writeFileSync(`${tally}.failures`, described(this.failures));
    });
  }
};

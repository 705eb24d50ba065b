/** Mocha's usual report, and the numbers of passed and failed tests in the file that TEST_TALLY names, for bin/test. */
"use strict";
const { writeFileSync } = require("node:fs");
const { reporters, Runner } = require("mocha");

module.exports = class TallyReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      if (process.env.TEST_TALLY) writeFileSync(process.env.TEST_TALLY, `${this.stats.passes} ${this.stats.failures}\n`);
    });
  }
};

/** Who somebody is when a connection asks for something, soon after its login and long after it. */
import assert from "node:assert/strict";
import type { Account } from "../../src/auth/account.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Services } from "../../src/commands/services.ts";
import { Login } from "../../src/front/login.ts";
import { FakeClock } from "../support/fake-clock.ts";

describe("the account of a connection", () => {
  const ada = { id: 1, username: "ada", state: "active", mustChangePassword: false } as Account;
  const disabled = { ...ada, state: "disabled" } as Account;
  const info = { address: "10.0.0.1", method: "password", username: "ada" };

  for (const [when, ms, reads] of [
    ["at once", 100, 0],
    ["after hours without a shell", 3 * 3_600_000, 1],
  ] as const) {
    it(`is read ${reads === 0 ? "with the record of the login" : "anew"} ${when}, and anew the next time`, async () => {
      const clock = new FakeClock();
      let read = 0;
      const accounts = {
        recordLogin: () => Promise.resolve(ada),
        find: () => {
          read++;
          return Promise.resolve(disabled);
        },
      };
      const settings = { initialPasswordChange: true };
      const usage = { login: () => undefined };
      const services = { clock, accounts, settings, usage, audit: { record: () => Promise.resolve() } };
      using login = new Login(services as unknown as Services, silentLog);
      login.authenticated(ada, info);
      clock.advance(ms);
      assert.equal((await login.fresh(ada)).state, reads === 0 ? "active" : "disabled");
      assert.equal(read, reads);
      await assert.rejects(login.admitted(ada), { code: "account-disabled" });
    });
  }
});

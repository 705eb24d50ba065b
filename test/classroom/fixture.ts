/** A class in a database: prof; tia teaches section A; ada and alan are in A, grace in B; dora is disabled. */
import type { Account } from "../../src/auth/account.ts";
import { Accounts } from "../../src/auth/accounts.ts";
import { Audit } from "../../src/auth/audit.ts";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import { systemClock } from "../../src/base/clock.ts";
import { silentLog } from "../../src/base/log.ts";
import { Scope } from "../../src/base/scope.ts";
import { Classroom } from "../../src/classroom/classroom.ts";
import { testDatabase } from "../support/database.ts";
import { eventually } from "../support/eventually.ts";

export interface Class extends AsyncDisposable {
  readonly url: string;
  readonly accounts: Accounts;
  readonly audit: Audit;
  readonly database: Awaited<ReturnType<typeof testDatabase>>["database"];
  readonly classroom: Classroom;
  /** Another process's classroom on the same database. */
  another(): Classroom;
  of(username: string): Promise<Account>;
}

export const settings = { messageDays: 30, messagesKept: 5, handHours: 4 };

export async function openClass(
  limiter: ConstructorParameters<typeof Classroom>[0]["limiter"] = {
    take: () => Promise.resolve({ allowed: true, retryAfterSeconds: 0 }),
  },
): Promise<Class> {
  const scope = new Scope("class");
  try {
    const { database, url } = scope.own(await testDatabase());
    const accounts = new Accounts({ database, hasher: new PasswordHasher({ cost: 4 }), passwordLength: 10 });
    const audit = new Audit(database, silentLog);
    const people = [
      ["prof", "professor"],
      ["tia", "ta", "A"],
      ["ada", "student", "A"],
      ["alan", "student", "A"],
      ["grace", "student", "B"],
      ["dora", "student", "A"],
    ] as const;
    for (const [username, role, section] of people)
      await accounts.add({ username, role, section, name: username === "tia" ? "Tia" : "" });
    await database.query("UPDATE users SET state = 'disabled' WHERE username = 'dora'");
    const another = (): Classroom =>
      scope.own(
        new Classroom({
          database,
          url,
          accounts,
          audit,
          settings,
          limiter,
          mayRemove: () => Promise.resolve(true),
          clock: systemClock,
          log: silentLog,
        }),
      );
    const first = another();
    await eventually(() => first.listening);
    return {
      url,
      accounts,
      audit,
      database,
      classroom: first,
      another,
      of: (username) => accounts.get(username),
      [Symbol.asyncDispose]: () => scope.close(),
    };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

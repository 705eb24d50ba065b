import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PasswordHasher } from "../../src/auth/password-hasher.ts";
import { UserError } from "../../src/base/errors.ts";

describe("the password hasher", () => {
  it("recognizes a password, also when its letters arrive decomposed, and no other", async () => {
    const hasher = new PasswordHasher({ cost: 4 });
    const hash = await hasher.hash("Grüße aus Köln");
    assert.ok(await hasher.matches("Grüße aus Köln".normalize("NFD"), hash));
    assert.ok(!(await hasher.matches("Grüße aus Koln", hash)));
  });

  it("does not take the first 72 bytes of a long password for the whole", async () => {
    const hasher = new PasswordHasher({ cost: 4 });
    const beginning = "0123456789ab".repeat(6);
    const hash = await hasher.hash(beginning);
    assert.ok(await hasher.matches(beginning, hash));
    assert.ok(!(await hasher.matches(`${beginning}and more`, hash)));
  });

  it("does the work of a comparison without a hash, and says no", async () => {
    const hasher = new PasswordHasher({ cost: 10 });
    const took = async (hash: string | undefined): Promise<number> => {
      const began = process.cpuUsage();
      assert.ok(!(await hasher.matches("whatever it is", hash)));
      const used = process.cpuUsage(began);
      return used.user + used.system;
    };
    const real = await hasher.hash("some other password");
    const withHash = await took(real);
    const without = await took(undefined);
    const initial = await took(await hasher.hashInitial("k7mp-x2wd-h4qz-9tbc"));
    assert.ok(initial > withHash / 4, "the time would tell who has never logged in");
    // A malformed dummy would be refused at once: a thousandth of the work, not a few per cent less.
    assert.ok(without > withHash / 4, `${without} µs of CPU instead of ${withHash}`);
  });

  it("runs two at a time and refuses who would wait too long", async () => {
    const hasher = new PasswordHasher({ cost: 4, maxQueue: 3 });
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => hasher.hash("some password")));
    const refused = tries.filter((result) => result.status === "rejected");
    assert.equal(refused.length, 3); // two run, three wait
    for (const { reason } of refused) assert.ok(reason instanceof UserError && reason.code === "too-many-logins");
    assert.equal(hasher.queued, 0);
    assert.ok(await hasher.hash("there is room again"));
  });

  it("leaves the thread pool to files while sixty people log in", async () => {
    const hasher = new PasswordHasher({ cost: 8 });
    const hash = await hasher.hash("some password");
    let finished = 0;
    const logins = Array.from({ length: 60 }, async () => {
      await hasher.matches("another one", hash);
      finished += 1;
    });
    await readFile(fileURLToPath(import.meta.url));
    const finishedBeforeTheFile = finished;
    await Promise.all(logins);
    // Four pool threads: unbounded, the file would wait behind 56 hashes.
    assert.ok(finishedBeforeTheFile < 10, `${finishedBeforeTheFile} logins went before the file`);
  });

  it("hashes initial passwords fast, and they work like any other", async () => {
    const hasher = new PasswordHasher({ cost: 12 });
    const hash = await hasher.hashInitial("k7mp-x2wd-h4qz-9tbc");
    assert.match(hash, /^\$2b\$05\$/);
    assert.ok(await hasher.matches("k7mp-x2wd-h4qz-9tbc", hash));
    assert.ok(!(await hasher.matches("k7mp-x2wd-h4qz-9tbd", hash)));
  });

  it("knows a hash made with another cost", async () => {
    const hash = await new PasswordHasher({ cost: 4 }).hash("some password");
    assert.ok(new PasswordHasher({ cost: 5 }).isOutdated(hash));
    assert.ok(!new PasswordHasher({ cost: 4 }).isOutdated(hash));
  });
});

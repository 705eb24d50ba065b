import assert from "node:assert/strict";
import type { Account } from "../../src/auth/account.ts";
import { UserError } from "../../src/base/errors.ts";
import { silentLog } from "../../src/base/log.ts";
import type { Destination } from "../../src/commands/destination.ts";
import type { OwnEnd } from "../../src/front/own-session.ts";
import type { Departure } from "../../src/front/departure.ts";
import { ScreenStack } from "../../src/front/screen-stack.ts";
import { createFakeTerminal, type FakeTerminal } from "../support/fake-terminal.ts";

const account: Account = {
  id: 1,
  username: "prof",
  role: "professor",
  name: "",
  email: undefined,
  section: undefined,
  sections: [],
  state: "active",
  store: "embedded",
  mustChangePassword: false,
  createdAt: new Date(0),
  lastLoginAt: undefined,
};
const toAda: Destination = { kind: "watch", username: "ada" };
const toClass: Destination = { kind: "class" };
const back: Departure = { kind: "back" };

/** What each screen was shown with, and how it ends: one after the other. */
interface Play {
  readonly terminal: FakeTerminal;
  readonly shown: string[];
  readonly stack: ScreenStack;
}

type Step = Departure | Error | ((leaving: AbortSignal) => Promise<Departure>);

function play(own: readonly OwnEnd[] | undefined, steps: readonly Step[], first?: Destination): Play {
  const terminal = createFakeTerminal();
  const shown: string[] = [];
  const owns = [...(own ?? [])];
  const ends = [...steps];
  const session = (how: string): Promise<OwnEnd> => {
    shown.push(how);
    return Promise.resolve(owns.shift() ?? { kind: "over" });
  };
  const show = async (what: string, leaving: AbortSignal): Promise<Departure> => {
    shown.push(what);
    const end = ends.shift() ?? back;
    if (end instanceof Error) throw end;
    return typeof end === "function" ? await end(leaving) : end;
  };
  const stack = new ScreenStack(
    {
      user: { account, terminal, address: "127.0.0.1" },
      own: own && {
        receive: () => session("own"),
        comeBack: (_user, _stay, notice) => session(`own again${notice === undefined ? "" : `: ${notice}`}`),
      },
      spectating: { watch: ({ username, mode, leaving }) => show(`${mode} ${username}`, leaving) },
      reportScreens: { show: () => Promise.resolve({ kind: "back" }) },
      classScreen: {
        show: ({ notice, leaving }) => show(`class${notice === undefined ? "" : `: ${notice}`}`, leaving),
      },
      log: silentLog,
    },
    first,
  );
  return { terminal, shown, stack };
}

/** The own session, left for another screen; `left` is called when nobody is to come back to it any more. */
function goes(to: Destination, left: () => void = () => undefined): OwnEnd {
  const never = { [Symbol.dispose]: () => undefined };
  const stay = {
    workbench: { onEnd: () => never },
    attachment: { onLeave: () => never, touch: () => undefined },
    [Symbol.dispose]: left,
  };
  return { kind: "go", to, stay: stay as unknown as Extract<OwnEnd, { kind: "go" }>["stay"] };
}

describe("the screens of a terminal", () => {
  it("lead back, each to the one below, and the first closes the terminal", async () => {
    const { terminal, shown, stack } = play([goes(toClass), { kind: "over" }], [{ kind: "go", to: toAda }, back, back]);
    await stack.run();
    assert.deepEqual(shown, ["own", "class", "watch ada", "class", "own again"]);
    assert.equal(terminal.exitStatus, 0);
  });

  it("say what went wrong on the one below", async () => {
    const { shown, stack } = play(
      [goes(toAda), { kind: "over" }],
      [new UserError("not-permitted", "you don't teach ada", "Ask an admin.")],
    );
    await stack.run();
    assert.deepEqual(shown, ["own", "watch ada", "own again: You don't teach ada. Ask an admin."]);
  });

  it("say a notice once", async () => {
    const { shown, stack } = play(
      [goes(toClass), { kind: "over" }],
      [{ kind: "go", to: toAda }, { kind: "back", notice: "gone" }, back],
    );
    await stack.run();
    assert.deepEqual(shown, ["own", "class", "watch ada", "class: gone", "own again"]);
  });

  it("let the error of a command's screen out, on a terminal that is still open", async () => {
    const { terminal, stack } = play(undefined, [new UserError("user-not-found", "there is no user")], toAda);
    await assert.rejects(stack.run(), /there is no user/);
    assert.ok(!terminal.closed);
  });

  it("end with a command's screen", async () => {
    const { terminal, shown, stack } = play(undefined, [back], toClass);
    await stack.run();
    assert.deepEqual(shown, ["class"]);
    assert.equal(terminal.exitStatus, 0);
  });

  it("end at once, wherever one quits", async () => {
    const { terminal, shown, stack } = play([goes(toClass)], [{ kind: "quit" }]);
    await stack.run();
    assert.deepEqual(shown, ["own", "class"]);
    assert.ok(terminal.closed);
  });

  it("are left with a sentence when somebody is shown out, and the own session with them", async () => {
    let left = 0;
    const { terminal, stack } = play(
      [goes(toClass, () => left++)],
      [
        async (leaving) => {
          const dismissed = stack.dismiss("The server is shutting down.");
          assert.ok(leaving.aborted);
          void dismissed;
          return await Promise.resolve(back);
        },
      ],
    );
    await stack.run();
    assert.match(terminal.takeOutput(), /The server is shutting down\./);
    assert.ok(terminal.closed);
    assert.equal(left, 1);
  });

  it("are all over when the terminal drops", async () => {
    let left = 0;
    const { terminal, shown, stack } = play(
      [goes(toClass, () => left++)],
      [
        (): Promise<Departure> => {
          terminal.disconnect();
          return Promise.resolve({ kind: "go", to: toAda });
        },
      ],
    );
    await stack.run();
    assert.deepEqual(shown, ["own", "class"]);
    assert.equal(left, 1);
  });
});

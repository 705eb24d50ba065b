/** Plays a scene and draws what is seen. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CellView } from "../../test/support/emulator.ts";
import { patience } from "../../test/support/patience.ts";
import type { TerminalClient } from "../../test/support/terminal-client.ts";
import { background, Stage, type Scene } from "./scenes.ts";
import { terminalSvg, type PicturedScreen } from "./terminal-svg.ts";

const colors = { foreground: "#d8dde8", background };
const attemptMs = 250;

/**
 * The picture of a scene: the first one that holds the scene's words and that `isWanted` takes, or when the time is over the last one with these words.
 * Throws when there is none.
 */
export async function drawScene(scene: Scene, isWanted: (svg: string) => boolean = () => true): Promise<string> {
  await using stage = await Stage.open();
  const { screen, goOn } = await scene.play(stage);
  const end = performance.now() + patience * 1000;
  let last: string | undefined;
  for (;;) {
    goOn();
    const pictured = withFixedTimes(screen, scene.times);
    const text = screen.screen().join("\n");
    if (scene.words.every((word) => text.includes(word))) {
      last = terminalSvg(pictured, colors, scene.title);
      if (isWanted(last)) return last;
    }
    if (performance.now() > end) break;
    await sleep(attemptMs);
  }
  if (last === undefined)
    throw new Error(`${scene.file}: not all of ${scene.words.join(", ")} are on the ${screen.dump()}`);
  return last;
}

/** The screen as at 10:41, with states as old as `times` says: a picture that is drawn again is the same. */
function withFixedTimes(screen: TerminalClient, times: Scene["times"]): PicturedScreen {
  const rows = screen.screen().map((row) => fixed(row, times));
  return {
    size: screen.size,
    cursor: () => screen.cursor(),
    cell(row: number, column: number): CellView {
      const cell = screen.cell(row, column);
      const replaced = rows[row]?.[column];
      return replaced === undefined || replaced === cell.text || cell.width !== 1 ? cell : { ...cell, text: replaced };
    },
  };
}

/** A row of the same length. */
function fixed(row: string, times: Scene["times"]): string {
  const withClock = row.replace(/\b\d\d:\d\d\b/, "10:41");
  const [, username = ""] = /^ (\w+) /.exec(row) ?? [];
  const time = times[username];
  return time === undefined
    ? withClock
    : withClock.replace(/ +\d+ (?:s|min|h)\b/, (found) => time.padStart(found.length));
}

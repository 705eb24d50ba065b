/**
 * What the owner sees while somebody drives: who it is, and the key that takes control back. The owner's keys do
 * nothing else then.
 */
import { drivenKeys } from "../../commands/keys/viewer-keys.ts";
import type { TerminalSize } from "../../base/terminal.ts";
import type { Workbench } from "../../session/workbench.ts";
import type { Region, Surface } from "../../terminal/draw/surface.ts";
import type { Layer } from "../../terminal/layer.ts";
import type { Screen } from "../../terminal/screen.ts";
import { area } from "../views/area.ts";
import { fitEnd } from "../views/fit.ts";
import { bar, barWarning } from "../views/styles.ts";

/**
 * Shows the bar and stops the owner's keys on one screen while somebody drives, until disposed. `touched` is called for
 * every event of the owner's.
 */
export function yieldToDriver(screen: Screen, workbench: Workbench, touched: () => void): Disposable {
  const { viewers } = workbench;
  let shown: Disposable | undefined;
  const update = (): void => {
    const { driver } = viewers;
    shown?.[Symbol.dispose]();
    shown = driver && screen.push(new DriveBar(driver.title));
  };
  screen.gate = (event) => {
    touched();
    if (!viewers.driver) return true;
    if (event.kind === "key" && drivenKeys.commandFor(event.name) === "take-back") viewers.takeBack();
    return false;
  };
  const listener = viewers.onChange(update);
  update();
  return {
    [Symbol.dispose]() {
      listener[Symbol.dispose]();
      screen.gate = undefined;
      shown?.[Symbol.dispose]();
    },
  };
}

class DriveBar implements Layer {
  readonly #title: string;

  constructor(title: string) {
    this.#title = title;
  }

  region({ columns }: TerminalSize): Region {
    return area(0, 0, columns);
  }

  draw(surface: Surface): void {
    surface.fill(area(0, 0, surface.width), bar);
    // The key comes first: on a narrow screen the rest may be cut.
    const keys = `${drivenKeys.binding("take-back").keys.join(" or ")} takes control back`;
    const used = 1 + surface.put(0, 1, `! ${keys}`, barWarning);
    surface.put(0, used + 2, fitEnd(`${this.#title} is typing for you`, surface.width - used - 3), bar);
  }

  handle(): boolean {
    return false;
  }
}

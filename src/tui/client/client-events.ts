import { Emitter } from "../../base/events.ts";
import type { Action } from "../../commands/actions.ts";

/** How the cursor changed: typing or moving, a line that was set, or a search that found something. */
export type CursorChange = "moved" | "set" | "found";

/** Events between the parts of one client: parts that are built later listen to those built earlier. */
export class ClientEvents {
  /** An action was asked for by a key, a click or the palette. */
  readonly action = new Emitter<Action>();
  /** The cursor moved, or the text at it changed. */
  readonly cursor = new Emitter<CursorChange>();
  /** The person did something in the file tree. */
  readonly tree = new Emitter<void>();
  /** The console's pane shows something else, without a change of the console. */
  readonly console = new Emitter<void>();
  /** The person did something in the variables. */
  readonly variables = new Emitter<void>();
  /** The status line has changed. */
  readonly notice = new Emitter<void>();
}

import { Emitter } from "../../base/events.ts";
import type { Action } from "../../commands/actions.ts";

/** What happened to the cursor, or to the text at it: typed or moved, set to a line, or taken to something that was found. */
export type CursorChange = "moved" | "set" | "found";

/** What the parts of one screen tell each other: whoever is built later listens to whoever was built before. */
export class ClientEvents {
  /** A key, a click or the palette asks for an action. */
  readonly action = new Emitter<Action>();
  readonly cursor = new Emitter<CursorChange>();
  /** Something was done in the file tree. */
  readonly tree = new Emitter<void>();
  /** The status line says something else. */
  readonly message = new Emitter<void>();
}

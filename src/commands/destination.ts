import type { ViewMode } from "../auth/attaching.ts";

/** Where a terminal can go besides the person's own session; leaving that leads back. */
export type Destination =
  /** The class view. */
  | { readonly kind: "class" }
  /** Somebody else's session. */
  | { readonly kind: "watch"; readonly username: string; readonly mode?: ViewMode | undefined };

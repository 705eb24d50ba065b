import type { ViewMode } from "../auth/attaching.ts";

/** Where a terminal can go besides the person's own session; leaving that leads back. */
export type Destination =
  /** The class view. */
  | { readonly kind: "class" }
  /** What the students of a class did. */
  | { readonly kind: "usage" }
  /** How the server is doing. */
  | { readonly kind: "server-status" }
  /** Somebody else's session. */
  | { readonly kind: "watch"; readonly username: string; readonly mode?: ViewMode | undefined };

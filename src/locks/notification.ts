/** What processes tell each other through the database, as small JSON documents (migrations/0002_coordination.sql). */

/** A message from one process to another. */
export type Notification =
  /** A request got its lock. */
  | { readonly kind: "granted"; readonly node: string; readonly request: number; readonly token: number }
  /** A lock was taken from its holder. */
  | { readonly kind: "revoked"; readonly node: string; readonly request: number }
  /** Somebody waits, or waits no longer, for the lock of this request. */
  | {
      readonly kind: "wanted";
      readonly node: string;
      readonly request: number;
      readonly waiter: string;
      readonly owner: string;
    }
  | { readonly kind: "unwanted"; readonly node: string; readonly request: number; readonly waiter: string };

/** The notification in a payload; undefined for anything else, since other versions of classh may send more. */
export function parseNotification(payload: string): Notification | undefined {
  const value = parse(payload);
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, node, request, token, waiter, owner } = value as Record<string, unknown>;
  if (typeof node !== "string" || typeof request !== "number") return undefined;
  switch (kind) {
    case "granted":
      return typeof token === "number" ? { kind, node, request, token } : undefined;
    case "revoked":
      return { kind, node, request };
    case "wanted":
      return typeof waiter === "string" && typeof owner === "string"
        ? { kind, node, request, waiter, owner }
        : undefined;
    case "unwanted":
      return typeof waiter === "string" ? { kind, node, request, waiter } : undefined;
    default:
      return undefined;
  }
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

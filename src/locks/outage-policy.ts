/**
 * What a process may count on while its database is away or silent. This is the one place that says so; lease, fence
 * and editors ask here.
 *
 * | who uses the database | a lock is ours | a save without the database | text in an editor |
 * | --- | --- | --- | --- |
 * | this machine alone (`cluster.listen` is empty, and the last beat saw no other machine) | until this process is dead, which the other processes of the machine can look up (process-identity) | yes | as always |
 * | other machines too | until the lease ends, on the database's clock | while the lease lasts | typed on, kept as unsaved text; saved once it is clear that nobody else edits |
 * | other machines, which may end a lease early (`cluster.listen`, cluster/far-nodes) | the same | no | the same |
 *
 * An editor becomes read-only only when somebody else is known to edit the file. Whoever opens a file that nobody could
 * be asked about may write: the stamps of files keep everybody from writing over what they have not seen.
 *
 * What stays open in the first row: a second machine begins to use the database in the very minutes in which this one
 * can't reach it. It learns that by its first beat afterwards; until then both may edit a file that they share, and the
 * second to save is asked.
 */

/**
 * Who uses the database: only processes of this machine, those of several, or several that may end each other's leases
 * early.
 */
export type Machines = "one" | "several" | "several-watched";

/** The part of a lease's time that we rely on; the rest allows for clocks of slightly different speeds. */
const trust = 0.95;
/** The shortest remaining lease that is relied on without the database. */
const minLeaseMs = 1000;
/** How long a save that need not ask waits for a slow database. */
const patienceMs = 1500;
/** Time within which keys that were on their way arrive, after a file turned out to be somebody else's. */
export const typedAheadMs = 2000;

/**
 * Until when a lease counts that a beat sent at `sent` prolonged (monotonic milliseconds); Infinity where only this
 * process can end it.
 */
export function leaseEnd(machines: Machines, sent: number, leaseSeconds: number, othersSeen: boolean): number {
  return machines === "one" && !othersSeen ? Number.POSITIVE_INFINITY : sent + leaseSeconds * 1000 * trust;
}

/** Whether a write may rely on the lease alone. */
export function mayWriteWithoutDatabase(machines: Machines, remainingMs: number): boolean {
  return machines !== "several-watched" && remainingMs >= minLeaseMs;
}

/**
 * Milliseconds that a write waits for the database before it relies on the lease alone; undefined for the time limit of
 * statements.
 */
export function patienceOfWrites(remainingMs: number): number | undefined {
  return remainingMs === Number.POSITIVE_INFINITY ? patienceMs : undefined;
}

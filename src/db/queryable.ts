/** What runs SQL: the database (each statement by itself) or one transaction of it. */
export interface Queryable {
  /**
   * Runs one statement and returns its rows. Values go in as $1, $2 ...; never build SQL from text that people typed.
   * Throws `database-unavailable` when the database cannot be reached, and the driver's error otherwise (see
   * `sqlState`).
   */
  query<T extends object>(text: string, values?: readonly unknown[]): Promise<T[]>;
}

/**
 * How long a test waits for what should come soon, in seconds: a bound for the test that fails, never a measure of speed.
 * A loaded machine with one core has needed half a minute for what takes a second elsewhere.
 */
export const patience = 90;

/** Private modes that DECSTR leaves as they are: mouse reports of every kind, focus, pastes in brackets, held-back drawing. */
const keptModes = [9, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026];

/**
 * Puts a terminal in its ordinary state, where the cursor is: what a program did to it, or left half done, must not
 * outlive the program. In this order: CAN ends an unfinished sequence; the ordinary screen, with the cursor that was
 * saved there (DECSC before, so that without another screen it stays); lines that begin at the left after CR only; a
 * soft reset (DECSTR: cursor, colours, character sets, scroll region, origin, wrapping, inserting, keys).
 */
export const resetTerminal = `\x18\x1b7\x1b[?1049l\x1b[20l\x1b[!p${keptModes.map((mode) => `\x1b[?${mode}l`).join("")}`;

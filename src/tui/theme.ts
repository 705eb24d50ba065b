/** How many colours a terminal has. */
export type ColorDepth = "truecolor" | "256" | "16" | "none";

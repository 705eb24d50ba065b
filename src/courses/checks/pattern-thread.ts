/** The thread in which a pattern is tried on what a program printed; pattern.ts is the other side. */
import { beWorkThread } from "../../base/work-thread.ts";
import type { PatternQuestion } from "./pattern.ts";

beWorkThread((question, tell) => {
  const { pattern, text } = question as PatternQuestion;
  tell(new RegExp(pattern, "mu").test(text));
});

/**
 * Whether a text matches a teacher's pattern. A pattern can go on for years over a text that a program made for that, so it is tried in a
 * thread, where it holds up nobody and has time enough that a verdict does not depend on what else the machine does.
 */
import { programFile } from "../../base/program-file.ts";
import { WorkThread } from "../../base/work-thread.ts";

/** What the thread is asked. */
export interface PatternQuestion {
  readonly pattern: string;
  readonly text: string;
}

/** Milliseconds for one pattern, the start of its thread included; an ordinary one takes microseconds. */
const patternMs = 10_000;
const memoryMebibytes = 64;

/** Whether it matches; one that does not come to an end does not. Rejects with the signal's reason. */
export async function matches(question: PatternQuestion, signal: AbortSignal): Promise<boolean> {
  await using thread = new WorkThread(programFile("courses/checks/pattern-thread").file, memoryMebibytes);
  const late = AbortSignal.timeout(patternMs);
  let found = false;
  try {
    await thread.do(question, {
      signal: AbortSignal.any([signal, late]),
      onNews: (news) => (found = news === true),
    });
  } catch (error) {
    if (signal.aborted || !late.aborted) throw error;
  }
  return found;
}

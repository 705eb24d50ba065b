/** The thread that copies homes and removes copies; tree-work.ts is the other side. */
import { beWorkThread } from "../base/work-thread.ts";
import { copyHome, type CopyQuestion } from "./copy-home.ts";
import { removeCopies } from "./remove-copies.ts";

export type TreeQuestion = { readonly copy: CopyQuestion } | { readonly remove: string };

beWorkThread((asked, tell) => {
  const question = asked as TreeQuestion;
  if ("copy" in question) copyHome(question.copy, tell);
  else removeCopies(question.remove);
});

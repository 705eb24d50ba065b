/** Does one piece of work in a thread. */
import { WorkThread } from "../../../src/base/work-thread.ts";

await using thread = new WorkThread(new URL("work.ts", import.meta.url), 64);
await thread.do("first");

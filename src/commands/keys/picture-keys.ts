/** The keys while a picture is shown. All others go on to the pane in focus. */
import { KeyContext } from "./key-context.ts";

/** The keys of the picture. */
export const pictureKeys = new KeyContext({
  name: "a picture",
  bindings: [{ command: "close", keys: ["Escape"], does: "Close the picture", hint: "closes" }],
});

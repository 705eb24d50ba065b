/** The keys of the panes: first those of actions, then the pane's own. */
import { actionOf, actions, keysOf, type Action } from "../actions.ts";
import type { Pane } from "../pane.ts";
import { pythonKeys } from "./console-keys.ts";
import { editorKeys } from "./editor-keys.ts";
import { fileTreeKeys } from "./file-tree-keys.ts";
import { KeyContext, type KeyBinding } from "./key-context.ts";
import { variablesKeys } from "./variables-keys.ts";

/** The keys of actions in each pane. */
export const paneKeys: Readonly<Record<Pane, KeyContext>> = {
  files: new KeyContext({ name: "the list of files", bindings: actionBindings("files"), beside: [fileTreeKeys] }),
  editor: new KeyContext({ name: "the editor", bindings: actionBindings("editor"), beside: [editorKeys] }),
  console: new KeyContext({ name: "the console", bindings: actionBindings("console"), beside: [pythonKeys] }),
  variables: new KeyContext({ name: "the variables", bindings: actionBindings("variables"), beside: [variablesKeys] }),
};

/** The action of a key or a whole chord in a pane; undefined when there is none. */
export function actionFor(key: string, pane: Pane): Action | undefined {
  const id = paneKeys[pane].commandFor(key);
  return id === undefined ? undefined : actionOf(id);
}

function actionBindings(pane: Pane): readonly KeyBinding[] {
  return actions.map((action) => ({
    command: action.id,
    keys: keysOf(action, pane),
    does: action.title,
    section: action.section,
    ...(action.hint !== undefined && { hint: action.hint }),
  }));
}

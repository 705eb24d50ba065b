/** The keys while a program runs step by step, in the editor and beside it. */
import { KeyContext } from "./key-context.ts";

/** The keys of the stepper. They come before those of the editor: nothing is typed into a program that runs. */
export const stepperKeys = new KeyContext({
  name: "stepping through a program",
  bindings: [
    { command: "in", keys: ["s"], does: "Next step, also into a function", hint: "Step" },
    { command: "over", keys: ["o", "Enter"], does: "Next line here, with all that it calls", hint: "Over" },
    { command: "out", keys: ["u"], does: "Go on until the function has returned", hint: "Out" },
    { command: "back", keys: ["b", "Backspace"], does: "One step back", hint: "Back" },
    { command: "latest", keys: ["l"], does: "To the latest step again" },
    { command: "run", keys: ["c"], does: "Go on to the line of the cursor", hint: "To cursor" },
    { command: "value", keys: ["v"], does: "What the name at the cursor, or the selection, stands for", hint: "Value" },
    { command: "outer", keys: ["f"], does: "The variables of the call further out", hint: "Caller" },
    { command: "inner", keys: ["n"], does: "The variables of the call nearer again" },
    { command: "quit", keys: ["q", "Escape"], does: "End stepping; the program runs on", hint: "End" },
  ],
});

/** The commands of the stepper. */
export type StepperCommand = "in" | "over" | "out" | "back" | "latest" | "run" | "value" | "outer" | "inner" | "quit";

import { z } from "zod";

/** What runner.py says about a script that has ended. The program could have written it: for display only. */
export interface ScriptResult {
  readonly status: number;
  readonly errorLine?: number;
  readonly syntaxError?: boolean;
  readonly interrupted: boolean;
  readonly outOfMemory: boolean;
}

const shape = z.object({
  status: z.number().int().min(0).max(255).default(0),
  line: z.number().int().min(1).optional(),
  syntax: z.boolean().optional(),
  interrupted: z.boolean().default(false),
  memory: z.boolean().default(false),
});

/** Undefined for anything that runner.py does not write. */
export function parseResult(text: string): ScriptResult | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined; // a forged mark
  }
  const parsed = shape.safeParse(value);
  if (!parsed.success) return undefined;
  const { status, line, syntax, interrupted, memory } = parsed.data;
  return { status, errorLine: line, syntaxError: syntax, interrupted, outOfMemory: memory };
}

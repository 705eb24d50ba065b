/** Says how a start on this directory's disk ends: its code and its sentence. */
import { checkMachine, refuseFatal } from "../../../src/base/start-checks.ts";
import { UserError } from "../../../src/base/errors.ts";

const findings = await checkMachine(process.argv.at(-1) ?? "");
try {
  refuseFatal(findings);
  process.stdout.write("{}");
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  const { code, message, hint, exitStatus } = error;
  process.stdout.write(JSON.stringify({ code, message, hint, exitStatus }));
}

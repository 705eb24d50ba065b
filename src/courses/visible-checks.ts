/** The checks that students may see, as YAML again. It is made from those checks alone, so nothing of a hidden one can be in it. */
import { writeYaml } from "../config/bounded-yaml.ts";
import type { AssignmentCheck } from "./assignment-yaml.ts";

/** The text of checks.yaml. */
export function visibleChecks(checks: readonly AssignmentCheck[]): string {
  const shown = checks.filter((check) => !check.hidden).map((check) => withoutEmpty({ ...check, hidden: undefined }));
  return `# The checks of this assignment that you may see.\n${writeYaml({ checks: shown })}`;
}

/** Without what says nothing: empty lists and maps. */
function withoutEmpty(check: object): object {
  return Object.fromEntries(
    Object.entries(check).filter(
      ([, value]) =>
        value !== undefined && !(typeof value === "object" && value !== null && Object.keys(value).length === 0),
    ),
  );
}

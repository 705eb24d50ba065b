import { TypeOverrides, types as postgresTypes } from "pg";

/**
 * How columns become JavaScript values: as pg does it, except that 64-bit integers are numbers (ids and counts; none
 * comes near 2^53).
 */
export function valueTypes(): TypeOverrides {
  const types = new TypeOverrides();
  types.setTypeParser(postgresTypes.builtins.INT8, Number);
  return types;
}

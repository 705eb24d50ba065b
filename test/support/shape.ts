/** Reads the `shape` of a command and compares documents with it: a small part of TypeScript's types. */

type Type =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "word"; readonly word: string }
  | { readonly kind: "list"; readonly of: Type }
  | { readonly kind: "one"; readonly of: readonly Type[] }
  | {
      readonly kind: "fields";
      readonly fields: ReadonlyMap<string, { readonly type: Type; readonly optional: boolean }>;
    };

type Fields = Extract<Type, { readonly kind: "fields" }>;

const names: Readonly<Record<string, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  number: (value) => typeof value === "number" && Number.isFinite(value),
  seconds: (value) => typeof value === "number" && value >= 0,
  bytes: (value) => typeof value === "number" && Number.isInteger(value) && value >= 0,
  boolean: (value) => typeof value === "boolean",
  null: (value) => value === null,
  time: (value) => typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(value),
  any: () => true,
};

/** Throws for a text that is no shape. */
export function parseShape(text: string): Type {
  const tokens = text.match(/"[^"]*"|[A-Za-z][A-Za-z0-9]*|\[\]|[{}?:,|]|\S/g) ?? [];
  let at = 0;
  const next = (expected?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (expected !== undefined && token !== expected))
      throw new Error(`${expected ?? "more"} expected at ${tokens.slice(at - 1, at + 5).join(" ")}`);
    return token;
  };
  const union = (): Type => {
    const types = [postfix()];
    while (tokens[at] === "|") {
      next("|");
      types.push(postfix());
    }
    return types.length === 1 && types[0] ? types[0] : { kind: "one", of: types };
  };
  const postfix = (): Type => {
    let type = primary();
    while (tokens[at] === "[]") {
      next("[]");
      type = { kind: "list", of: type };
    }
    return type;
  };
  const primary = (): Type => {
    const token = next();
    if (token.startsWith('"')) return { kind: "word", word: token.slice(1, -1) };
    if (token in names) return { kind: "name", name: token };
    if (token !== "{") throw new Error(`"${token}" is no type`);
    const fields = new Map<string, { type: Type; optional: boolean }>();
    while (tokens[at] !== "}") {
      const name = next();
      const optional = tokens[at] === "?";
      if (optional) next("?");
      next(":");
      fields.set(name, { type: union(), optional });
      if (tokens[at] !== "}") next(",");
    }
    next("}");
    return { kind: "fields", fields };
  };
  const type = union();
  if (at < tokens.length) throw new Error(`"${tokens[at]}" is too much`);
  return type;
}

/** What about the document is not as the shape says; empty: all is. */
export function differences(type: Type, value: unknown, path = "it"): readonly string[] {
  switch (type.kind) {
    case "name":
      return names[type.name]?.(value) ? [] : [`${path} is ${JSON.stringify(value)}, not ${type.name}`];
    case "word":
      return value === type.word ? [] : [`${path} is ${JSON.stringify(value)}, not "${type.word}"`];
    case "list":
      return Array.isArray(value)
        ? value.flatMap((each, at) => differences(type.of, each, `${path}[${at}]`))
        : [`${path} is no list`];
    case "one": {
      const all = type.of.map((each) => differences(each, value, path));
      return all.some((found) => found.length === 0) ? [] : (all.toSorted((a, b) => b.length - a.length)[0] ?? []);
    }
    case "fields":
      return differencesOfFields(type.fields, value, path);
    default:
      return type satisfies never;
  }
}

function differencesOfFields(fields: Fields["fields"], value: unknown, path: string): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return [`${path} is no document with fields`];
  const given = new Map(Object.entries(value));
  const wrong = [...fields].flatMap(([name, { type, optional }]) => {
    if (!given.has(name)) return optional ? [] : [`${path}.${name} is missing`];
    return differences(type, given.get(name), `${path}.${name}`);
  });
  return [
    ...wrong,
    ...[...given.keys()].filter((name) => !fields.has(name)).map((name) => `${path}.${name} is not documented`),
  ];
}

/** Completion of `classh COMMAND ...` for bash and zsh, made from the table of commands. */
import type { Command, Option } from "./command.ts";

/** The shells with a completion. */
export const shells = ["bash", "zsh"] as const;

/** A shell with a completion. */
export type Shell = (typeof shells)[number];

/** `bin/classh`'s own options, which come before the command. */
const ownOptions = [
  ["--data", "the server's data directory"],
  ["--config", "a settings file"],
  ["--as", "run the command as this user"],
] as const;

const howToUse: Readonly<Record<Shell, string>> = {
  bash: `# Completion of classh commands for bash. Generated from the table of commands; \`classh completion bash\` prints it.
# Put it where bash-completion looks: ~/.local/share/bash-completion/completions/classh
# From afar, name a function classh and everything completes: classh() { ssh -p 2222 admin@host "$@"; }`,
  zsh: `#compdef classh
# Completion of classh commands for zsh. Generated from the table of commands; \`classh completion zsh\` prints it.
# Save it as _classh in a directory of $fpath.
# From afar, name a function classh and everything completes: classh() { ssh -p 2222 admin@host "$@"; }`,
};

/** The completion script for a shell. */
export function completionFor(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case "bash":
      return bash(commands);
    case "zsh":
      return zsh(commands);
    default:
      return shell satisfies never;
  }
}

/** Each option of a command, with its name: flags, and options with a value. */
function optionsOf(command: Command): readonly (readonly [string, Option])[] {
  const own = Object.entries(command.options ?? {});
  const json: Option = { type: "boolean", doc: "print one JSON document" };
  const help: Option = { type: "boolean", doc: "explain the command" };
  return [...own, ...(command.json ? [["json", json] as const] : []), ["help", help] as const];
}

/** The first words of commands, and the second ones of each. */
function wordsOf(commands: readonly Command[]): ReadonlyMap<string, readonly Command[]> {
  const words = new Map<string, Command[]>();
  for (const command of commands) {
    const [noun = ""] = command.name.split(" ");
    words.set(noun, [...(words.get(noun) ?? []), command]);
  }
  return words;
}

function verbsOf(commands: readonly Command[]): readonly string[] {
  return commands.flatMap(({ name }) => name.split(" ").slice(1));
}

// oxlint-disable-next-line max-lines-per-function -- a script in one piece
function bash(commands: readonly Command[]): string {
  const words = wordsOf(commands);
  const verbs = [...words].flatMap(([noun, each]) =>
    verbsOf(each).length > 0 ? [`    [${quote(noun)}]=${quote(verbsOf(each).join(" "))}`] : [],
  );
  const options = commands.map(
    (command) =>
      `    [${quote(command.name)}]=${quote(
        optionsOf(command)
          .map(([name]) => `--${name}`)
          .join(" "),
      )}`,
  );
  const taking = commands.flatMap((command) =>
    optionsOf(command).flatMap(([name, option]) =>
      option.type === "string"
        ? [`    [${quote(`${command.name} --${name}`)}]=${quote((option.choices ?? []).join(" "))}`]
        : [],
    ),
  );
  return `${howToUse.bash}
_classh() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} words=() word command at
  local -A verbs=(
${verbs.join("\n")}
  )
  local -A options=(
${options.join("\n")}
  )
  # Options that take a value, with the values there are.
  local -A values=(
${taking.join("\n")}
  )
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if [ \${#words[@]} -eq 0 ]; then
      case $word in
        --data | --config | --as) at=$((at + 1)); continue ;;
        -*) continue ;;
      esac
    fi
    words+=("$word")
  done
  if [ \${#words[@]} -eq 0 ]; then
    case $previous in
      --data) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
      --config) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
      --as) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W ${quote([...words.keys(), ...ownOptions.map(([name]) => name)].join(" "))} -- "$current")
    return
  fi
  if [ \${#words[@]} -eq 1 ] && [ -n "\${verbs[\${words[0]}]-}" ]; then
    mapfile -t COMPREPLY < <(compgen -W "\${verbs[\${words[0]}]}" -- "$current")
    return
  fi
  command=\${words[0]}
  [ -z "\${verbs[$command]-}" ] || command+=" \${words[1]}"
  if [ -n "\${values["$command $previous"]+set}" ]; then
    mapfile -t COMPREPLY < <(compgen -W "\${values["$command $previous"]}" -- "$current")
  elif [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "\${options[$command]-}" -- "$current")
  fi
}
complete -F _classh classh
`;
}

function zsh(commands: readonly Command[]): string {
  const words = wordsOf(commands);
  const nouns = [...words].map(
    ([noun, each]) => `    ${quote(`${noun}:${each.length === 1 ? each[0]?.summary : verbsOf(each).join(", ")}`)}`,
  );
  const verbs = [...words].flatMap(([noun, each]) => {
    if (verbsOf(each).length === 0) return [];
    const lines = each.map(({ name, summary }) => `        ${quote(`${name.split(" ")[1]}:${summary}`)}`);
    return [`    ${noun})\n      verbs=(\n${lines.join("\n")}\n      ) ;;`];
  });
  const cases = commands.map(
    (command) => `    ${quote(command.name)}) _arguments ${optionsOf(command).map(zshOption).join(" ")} '*: :' ;;`,
  );
  return `${howToUse.zsh}
_classh() {
  local -a nouns verbs
  local command at=2
  nouns=(
${nouns.join("\n")}
  )
  while [[ \${words[at]} == -* ]] && ((at < CURRENT)); do
    case \${words[at]} in
      --data | --config | --as) ((at += 2)) ;;
      *) ((at += 1)) ;;
    esac
  done
  if ((at > CURRENT)); then
    case \${words[CURRENT - 1]} in
      --data) _files -/ ;;
      --config) _files ;;
    esac
    return
  fi
  if ((at == CURRENT)); then
    [[ \${words[CURRENT]} == -* ]] && _arguments ${ownOptions.map(([name, doc]) => quote(`${name}[${doc}]: :`)).join(" ")}
    _describe command nouns
    return
  fi
  command=\${words[at]}
  case $command in
${verbs.join("\n")}
  esac
  if ((\${#verbs})); then
    if ((CURRENT == at + 1)); then
      _describe command verbs
      return
    fi
    command+=" \${words[at + 1]}"
  fi
  case $command in
${cases.join("\n")}
  esac
}
# Loaded by compinit it is the function itself; sourced, it has to be announced.
if [[ \${funcstack[1]} == _classh ]]; then _classh "$@"; else compdef _classh classh; fi
`;
}

function zshOption([name, { type, doc, value, choices }]: readonly [string, Option]): string {
  const explained = doc.replaceAll(/[[\]:\\]/g, (character) => `\\${character}`);
  if (type === "boolean") return quote(`--${name}[${explained}]`);
  return quote(`--${name}[${explained}]:${value ?? "VALUE"}:${choices ? `(${choices.join(" ")})` : ""}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

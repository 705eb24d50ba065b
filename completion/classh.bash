# Completion of classh commands for bash. Generated from the table of commands; `classh completion bash` prints it.
# Put it where bash-completion looks: ~/.local/share/bash-completion/completions/classh
# From afar, name a function classh and everything completes: classh() { ssh -p 2222 admin@host "$@"; }
_classh() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} words=() word command at
  local -A verbs=(
    ['key']='add list remove'
    ['user']='add list show set reset-password disable enable lock unlock remove rename import export export-files'
    ['section']='list add set remove'
    ['course']='put'
    ['assignment']='new check'
    ['session']='list show kick message'
    ['class']='list'
    ['hand']='raise lower list claim close'
    ['node']='list drain'
    ['lock']='list release'
    ['limit']='list show reset'
    ['audit']='list verify'
    ['log']='follow'
    ['backup']='create list verify restore prune'
  )
  local -A options=(
    ['help']='--json --help'
    ['whoami']='--json --help'
    ['version']='--json --help'
    ['status']='--json --help'
    ['doctor']='--json --help'
    ['metrics']='--openmetrics --json --help'
    ['passwd']='--end-sessions --help'
    ['key add']='--json --help'
    ['key list']='--json --help'
    ['key remove']='--json --help'
    ['run']='--directory --raw --keep --help'
    ['user add']='--role --section --name --email --store --json --help'
    ['user list']='--role --section --state --json --help'
    ['user show']='--json --help'
    ['user set']='--role --section --name --email --store --json --help'
    ['user reset-password']='--section --keep-keys --csv --dry-run --json --help'
    ['user disable']='--section --dry-run --json --help'
    ['user enable']='--section --dry-run --json --help'
    ['user lock']='--section --dry-run --json --help'
    ['user unlock']='--section --dry-run --json --help'
    ['user remove']='--no-archive --yes --dry-run --json --help'
    ['user rename']='--dry-run --json --help'
    ['user import']='--dry-run --columns --missing --skip-bad --json --help'
    ['user export']='--role --section --json --help'
    ['section list']='--json --help'
    ['section add']='--title --staff --json --help'
    ['section set']='--rename --title --staff --json --help'
    ['section remove']='--json --help'
    ['distribute']='--section --all --to --dry-run --json --help'
    ['collect']='--section --all --help'
    ['user export-files']='--help'
    ['course put']='--json --help'
    ['assignment new']='--test --json --help'
    ['assignment check']='--json --help'
    ['session list']='--section --json --help'
    ['session show']='--json --help'
    ['session kick']='--section --json --help'
    ['attach']='--mode --write --help'
    ['class']='--help'
    ['class list']='--section --by-error --offline --json --help'
    ['usage']='--since --section --csv --json --help'
    ['hand raise']='--json --help'
    ['hand lower']='--json --help'
    ['hand list']='--section --json --help'
    ['hand claim']='--json --help'
    ['hand close']='--section --json --help'
    ['message']='--section --json --help'
    ['session message']='--section --json --help'
    ['broadcast']='--section --json --help'
    ['inbox']='--json --help'
    ['node list']='--json --help'
    ['node drain']='--json --help'
    ['lock list']='--section --json --help'
    ['lock release']='--json --help'
    ['limit list']='--section --json --help'
    ['limit show']='--json --help'
    ['limit reset']='--json --help'
    ['audit list']='--user --action --since --until --limit --json --help'
    ['audit verify']='--noted --json --help'
    ['log follow']='--level --user --json --help'
    ['backup create']='--json --help'
    ['backup list']='--json --help'
    ['backup verify']='--identity --json --help'
    ['backup restore']='--only --identity --json --help'
    ['backup prune']='--dry-run --json --help'
    ['completion']='--help'
  )
  # Options that take a value, with the values there are.
  local -A values=(
    ['run --directory']=''
    ['user add --role']='student ta professor admin'
    ['user add --section']=''
    ['user add --name']=''
    ['user add --email']=''
    ['user add --store']='embedded external'
    ['user list --role']='student ta professor admin'
    ['user list --section']=''
    ['user list --state']='active disabled'
    ['user set --role']='student ta professor admin'
    ['user set --section']=''
    ['user set --name']=''
    ['user set --email']=''
    ['user set --store']='embedded external'
    ['user reset-password --section']=''
    ['user disable --section']=''
    ['user enable --section']=''
    ['user lock --section']=''
    ['user unlock --section']=''
    ['user import --columns']=''
    ['user import --missing']='report disable'
    ['user export --role']='student ta professor admin'
    ['user export --section']=''
    ['section add --title']=''
    ['section add --staff']=''
    ['section set --rename']=''
    ['section set --title']=''
    ['section set --staff']=''
    ['distribute --section']=''
    ['distribute --to']=''
    ['collect --section']=''
    ['session list --section']=''
    ['session kick --section']=''
    ['attach --mode']=''
    ['class list --section']=''
    ['usage --since']=''
    ['usage --section']=''
    ['hand list --section']=''
    ['hand close --section']=''
    ['message --section']=''
    ['session message --section']=''
    ['broadcast --section']=''
    ['lock list --section']=''
    ['limit list --section']=''
    ['audit list --user']=''
    ['audit list --action']=''
    ['audit list --since']=''
    ['audit list --until']=''
    ['audit list --limit']=''
    ['audit verify --noted']=''
    ['log follow --level']='error warn info debug'
    ['log follow --user']=''
    ['backup verify --identity']=''
    ['backup restore --only']=''
    ['backup restore --identity']=''
  )
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=${COMP_WORDS[at]}
    if [ ${#words[@]} -eq 0 ]; then
      case $word in
        --data | --config | --as) at=$((at + 1)); continue ;;
        -*) continue ;;
      esac
    fi
    words+=("$word")
  done
  if [ ${#words[@]} -eq 0 ]; then
    case $previous in
      --data) mapfile -t COMPREPLY < <(compgen -d -- "$current"); return ;;
      --config) mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
      --as) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W 'help whoami version status doctor metrics passwd key run user section distribute collect course assignment session attach class usage hand message broadcast inbox node lock limit audit log backup completion --data --config --as' -- "$current")
    return
  fi
  if [ ${#words[@]} -eq 1 ] && [ -n "${verbs[${words[0]}]-}" ]; then
    mapfile -t COMPREPLY < <(compgen -W "${verbs[${words[0]}]}" -- "$current")
    return
  fi
  command=${words[0]}
  [ -z "${verbs[$command]-}" ] || command+=" ${words[1]}"
  if [ -n "${values["$command $previous"]+set}" ]; then
    mapfile -t COMPREPLY < <(compgen -W "${values["$command $previous"]}" -- "$current")
  elif [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "${options[$command]-}" -- "$current")
  fi
}
complete -F _classh classh

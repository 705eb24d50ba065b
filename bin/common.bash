# What bin/start, bin/test and bin/classh share. Sourced, after `set -euo pipefail`; needs $root, the checkout.
# Theory of operation: nothing of classh runs as root. As root these scripts install, build, and make the account `classh`; then they
# give up root for good with setpriv, which also drops the groups. Without root they run as whoever started them.

umask 022
service_account=classh
service_home=/var/lib/classh
jail_account=classh-jail

say() { printf 'classh: %s\n' "$*" >&2; }

# fail MESSAGE [HINT]
fail() {
  say "$1"
  [ -z "${2-}" ] || printf '        %s\n' "$2" >&2
  exit 1
}

is_root() { [ "$(id -u)" = 0 ]; }

# The versions of Node.js that classh is tested with, best first; and of those the ones that get security fixes (src/base/node-release.ts).
node_releases=(24 22 20)
supported_releases=(24 22)

# is_usable NODE: Node.js 20.11 or newer.
is_usable() {
  "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 11) ? 0 : 1)' 2> /dev/null
}

# Every Node.js on this machine that we know where to look for, those of PATH first.
all_nodes() {
  type -ap node nodejs || true
  local directory release
  for release in "${node_releases[@]}"; do
    type -ap "node$release" "node-$release" "nodejs-$release" || true
  done
  for directory in /usr/local /usr /usr/local/n/versions/node/* /opt/node* /usr/local/node* /usr/local/lib/nodejs/* "${NVM_DIR:-${HOME:-/root}/.nvm}"/versions/node/* \
    "${FNM_DIR:-${HOME:-/root}/.local/share/fnm}"/node-versions/*/installation "${VOLTA_HOME:-${HOME:-/root}/.volta}"/tools/image/node/*; do
    [ ! -x "$directory/bin/node" ] || printf '%s\n' "$directory/bin/node"
  done
}

# Sets $node: CLASSH_NODE when that is set; else the one on PATH, or a newer one that is found when that gets no security fixes any more.
# It is the real path, since a version manager's shim may not be readable for the service account. Programs that we start find the same one.
find_node() {
  local found candidate release
  node=
  if [ -n "${CLASSH_NODE:-}" ]; then
    node=$(command -v "$CLASSH_NODE") || fail "CLASSH_NODE is not a program: $CLASSH_NODE" "Give the path of a Node.js, or unset it."
    is_usable "$node" || fail "CLASSH_NODE, $node, is too old, or no Node.js" "classh needs Node.js 20.11 or newer."
  else
    mapfile -t found < <(all_nodes)
    [ ${#found[@]} -gt 0 ] || fail "Node.js is missing" "Install Node.js 24 (https://nodejs.org), then try again."
    is_usable "${found[0]}" && node=${found[0]}
    if [ -z "$node" ] || ! is_one_of "$("$node" -p 'process.versions.node.split(".")[0]')" "${supported_releases[@]}"; then
      for release in "${supported_releases[@]}"; do
        for candidate in "${found[@]}"; do
          [ "$("$candidate" -p 'process.versions.node.split(".")[0]' 2> /dev/null)" = "$release" ] && node=$candidate && break 2
        done
      done
    fi
    [ -n "$node" ] || fail "Node.js $("${found[0]}" --version) is too old" "classh needs Node.js 20.11 or newer."
  fi
  # It is for us: the server takes every other variable of this kind for a setting.
  unset CLASSH_NODE
  node=$("$node" -p 'process.execPath')
  [ "$(command -v node)" -ef "$node" ] || [ "${node##*/}" != node ] || PATH=${node%/*}:$PATH
}

# is_one_of WORD WORDS...
is_one_of() {
  local word=$1
  shift
  [[ " $* " == *" $word "* ]]
}

# need_packages PACKAGE=PROGRAM_OR_FILE ...: installs the Debian packages whose program or file is missing.
need_packages() {
  local wanted missing=() program
  for wanted in "$@"; do
    program=${wanted#*=}
    case $program in
      /*) [ -e "$program" ] || missing+=("${wanted%%=*}") ;;
      *) PATH=$PATH:/usr/sbin:/sbin command -v "$program" > /dev/null || missing+=("${wanted%%=*}") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  local admin=()
  if ! is_root; then
    command -v sudo > /dev/null || fail "these Debian packages are missing: ${missing[*]}" "As root: apt-get install ${missing[*]}"
    admin=(sudo)
  fi
  command -v apt-get > /dev/null || fail "these packages are missing: ${missing[*]}" "This system has no apt-get: install them with its own tools."
  say "installing ${missing[*]}"
  # Programs are wanted, not Debian's services of them (invoke-rc.d asks this file).
  local policy=/usr/sbin/policy-rc.d output
  [ -e $policy ] && policy= || printf '#!/bin/sh\nexit 101\n' | "${admin[@]}" install -m 755 /dev/stdin $policy
  output=$({ "${admin[@]}" apt-get -qq update && "${admin[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq install -y --no-install-recommends "${missing[@]}"; } 2>&1 < /dev/null) || {
    [ -z "$policy" ] || "${admin[@]}" rm -f $policy
    printf '%s\n' "$output" >&2
    fail "these Debian packages could not be installed: ${missing[*]}" "As root: apt-get install ${missing[*]}"
  }
  [ -z "$policy" ] || "${admin[@]}" rm -f $policy
}

# One start or test at a time may install and build in this checkout. The lock is on the directory itself: no file is left.
lock_checkout() { exec 9< "$root" && flock 9; }
unlock_checkout() { exec 9<&-; }

# Our native modules bring prebuilt binaries, so no package's install script needs to run, and none may.
need_modules() {
  local want stamp=$root/node_modules/.classh-stamp
  want="$(sha256sum < "$root/package-lock.json") $("$node" -p 'process.platform + process.arch')"
  if [ ! -e "$stamp" ] && [ "$root/node_modules/.package-lock.json" -nt "$root/package-lock.json" ]; then
    printf '%s\n' "$want" > "$stamp" # someone ran npm here
  fi
  [ "$(cat "$stamp" 2> /dev/null)" = "$want" ] && return 0
  command -v npm > /dev/null || fail "npm is missing" "Install it together with Node.js."
  say "installing npm packages"
  (cd "$root" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || fail "npm ci failed" "The lines above say why."
  printf '%s\n' "$want" > "$stamp"
}

# A digest of everything that the build is made of.
source_digest() {
  (cd "$root" && find src tsconfig.json scripts/build.mjs package-lock.json -type f -print0 |
    LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
}

# The new build takes the old one's place only when it is whole.
need_build() {
  local digest
  digest=$(source_digest)
  [ "$(cat "$root/dist/.digest" 2> /dev/null)" = "$digest" ] && return 0
  say "building"
  rm -rf "$root/dist.new" "$root/dist.old"
  (cd "$root" && "$node" scripts/build.mjs dist.new >&2) || fail "the build failed" "The lines above say why."
  printf '%s\n' "$digest" > "$root/dist.new/.digest"
  [ ! -e "$root/dist" ] || mv "$root/dist" "$root/dist.old"
  mv "$root/dist.new" "$root/dist"
  rm -rf "$root/dist.old"
}

# need_account NAME HOME
need_account() {
  getent passwd "$1" > /dev/null && return 0
  say "making the account $1"
  useradd --system --user-group --no-create-home --home-dir "$2" --shell /usr/sbin/nologin "$1"
}

# jailed_below DIRECTORY: sets $jailed, a prefix before $drop, which lets programs in jails run as an account of their own when their
# files are in DIRECTORY. Where that can't be, what follows runs all the same, and says so.
jailed_below() {
  jailed=()
  if need_account "$jail_account" /nonexistent; then
    jailed=(/usr/bin/python3 -I "$root/bin/prepare-jail-user" "$service_account" "$jail_account" "$1")
  else
    say "the account $jail_account can't be made: programs run as $service_account"
  fi
}

# drop_to ACCOUNT: sets $drop, a prefix for commands that leaves nothing of root.
drop_to() {
  drop=(setpriv "--reuid=$1" "--regid=$(id -g "$1")" --clear-groups --no-new-privs)
}

# True when ACCOUNT can read every one of the given files and directories with all that is in them.
readable_by() {
  local account=$1 unreadable
  shift
  drop_to "$account"
  # From / since find wants to come back to where it started, which may be out of the account's reach.
  unreadable=$(cd / && "${drop[@]}" find "$@" ! -type l ! -readable -print -quit 2>&1) && [ -z "$unreadable" ]
}

# Ensures that ACCOUNT can run $node: a Node.js below /root is copied into DIRECTORY.
need_readable_node() {
  local account=$1 directory=$2
  drop_to "$account"
  "${drop[@]}" test -x "$node" 2> /dev/null && return 0
  local copy
  copy=$directory/node-$("$node" --version)
  [ -x "$copy" ] || { mkdir -p "$directory" && cp "$node" "$copy.new" && chmod 755 "$copy.new" && mv "$copy.new" "$copy"; }
  node=$copy
}

# Sets $app: where ACCOUNT can read the built program. That is the checkout, or a copy of what it needs to run when the checkout is
# out of its reach, as below /root.
need_readable_app() {
  local account=$1
  app=$root
  readable_by "$account" "$root/dist" "$root/node_modules" "$root/config" "$root/migrations" "$root/bin/supervise" "$root/package.json" && return 0
  local copies
  copies=$(app_copies)
  app=$copies/$(cat "$root/dist/.digest")-$(cd "$root" && find config migrations bin/supervise package.json -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-8)
  [ ! -d "$app" ] || return 0
  say "$account can't read $root: copying the program to $app"
  mkdir -p "$copies"
  chmod 755 "$copies"
  # The one before stays: a server that still runs from it may load something late.
  find "$copies" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %p\n' | sort -rn | tail -n +2 | cut -d' ' -f2- | xargs -r rm -rf
  rm -rf "$app.new"
  mkdir "$app.new"
  (cd "$root" && { printf 'dist\0config\0migrations\0bin/supervise\0package.json\0'; runtime_modules; } | tar -c --null -T - | tar -x -C "$app.new" --no-same-owner)
  chmod -R a+rX "$app.new"
  mv "$app.new" "$app"
}

# Where copies of this checkout's program are kept.
app_copies() { printf '/usr/local/lib/classh-%s' "$(printf '%s' "$root" | sha256sum | cut -c1-8)"; }

# The installed packages that are not only for development, each ended by a zero byte.
runtime_modules() {
  "$node" -e '
    const { packages } = JSON.parse(require("fs").readFileSync("package-lock.json", "utf8"));
    for (const [path, about] of Object.entries(packages))
      if (path && !about.dev && require("fs").existsSync(path)) process.stdout.write(path + "\0");'
}

# shellcheck shell=bash
# Makes a script and all processes that it starts end together. Source it first:  . "$(dirname "$0")/../utils/as_one.sh"
# - Bash reads the whole script before it starts, so the file may be edited while it runs.
# - A signal that ends the script also ends all processes that it started, even those in other process groups.
# - A script that Ctrl-C stops ends by SIGINT: a shell sees status 130, and ends its loops, too.
# - A folder of the recipe may be a link in another one, as Kaldi's steps and utils are, or the current folder: $0 then
#   names its own place.
# - If the script is killed, launchers notice that the process $CER_OWNER has ended, and scripts it called do not start.

unset CDPATH # with it, cd may print, and go elsewhere
[ -n "${BASH_VERSION-}" ] || { echo "$0: found sh, expected bash: bash $0" >&2 && exit 1; }

# Ends the script unless it was called in the folder of the recipe, where its relative paths begin.
only_here() {
  [ ! utils/as_one.sh -ef "${BASH_SOURCE[0]}" ] || return 0
  echo "$0: found the folder $PWD, expected that of the recipe; call it there: cd $(dirname "$(dirname "${BASH_SOURCE[0]}")")" >&2
  exit 1
}

# Prints the ids of the process "$1" and all its descendants. Small containers have no ps, but /proc.
_one_tree() {
  { ps -A -o pid= -o ppid= || sed -n 's/^\([0-9]*\) .*) [A-Za-z] \([0-9]*\) .*/\1 \2/p' /proc/[0-9]*/stat; } 2> /dev/null |
    awk -v top="$1" '
    { parent[$1] = $2 }
    END { for (p in parent) { for (q = p; q in parent && q != top; q = parent[q]); if (q == top) print p } }'
}

# Whether the process "$1" is there; it may be another user's.
_one_lives() {
  kill -0 "$1" 2> /dev/null || [ -d "/proc/$1" ] || [ -n "$(ps -o pid= -p "$1" 2> /dev/null)" ]
}

# Ends the script's processes after the signal "$1": sends SIGTERM, and SIGKILL 10 s later.
# shellcheck disable=SC2086 # $tree is a list
_one_end() {
  trap '' TERM HUP INT
  local tree
  tree=$(_one_tree "$_one_child")
  kill -TERM "$_one_child" $tree 2> /dev/null # the script first, so that it starts nothing more
  for _ in {1..100}; do
    kill -0 $tree 2> /dev/null || break
    sleep 0.1
  done
  kill -KILL $tree 2> /dev/null
  echo "$0: ended by SIG$1" >&2
  exit $((128 + $(kill -l "$1")))
}

if [ -n "${BASH_SOURCE[1]-}" ]; then # true when the script's file sources this, false under bash -c (below)
  if [ -n "${CER_OWNER-}" ] && ! _one_lives "$CER_OWNER"; then
    echo "$0: not started: the script that it belongs to (process $CER_OWNER) was killed" >&2
    exit 1
  fi
  export CER_OWNER=${CER_OWNER-$$}
  _one_text=$(< "$0")
  _one_name=$0
  _one_folder=$(dirname "$0")
  if { [ -L "$_one_folder" ] || [[ $_one_folder =~ (^|/)\.\.?$ ]]; } &&
    [ ! "$_one_folder/utils/as_one.sh" -ef "${BASH_SOURCE[0]}" ]; then # false for run.sh
    _one_name=$(cd -P "$_one_folder" && pwd)/$(basename "$0")
  fi
  # A shell starts background processes with SIGINT ignored; restore it, so that Ctrl-C reaches the script.
  (trap - INT QUIT && exec bash -c "$_one_text" "$_one_name" "$@") <&0 &
  _one_child=$!
  trap '_one_end TERM' TERM
  trap '_one_end HUP' HUP
  trap '' INT # the script receives it, too, and ends by itself
  wait "$_one_child"
  _one_status=$?
  if [ $_one_status -eq 130 ]; then trap - INT && kill -INT $$; fi
  exit $_one_status
fi

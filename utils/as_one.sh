# shellcheck shell=bash
# Makes a script one thing; the script sources it first:  . "$(dirname "$0")/../utils/as_one.sh"
# - It is read whole before it starts: it may be edited while it runs.
# - A signal that ends it ends all that it started, jobs in process groups of their own included.
# - Where it is killed, launchers notice that $CER_OWNER is gone, and what it would have started next does not start.

# Prints the process "$1" and all that descend from it.
_one_tree() {
  ps -A -o pid= -o ppid= | awk -v top="$1" '
    { parent[$1] = $2 }
    END { for (p in parent) { for (q = p; q in parent && q != top; q = parent[q]); if (q == top) print p } }'
}

# Ends the script's processes at the signal "$1": they are asked, and killed 10 s later.
# shellcheck disable=SC2086 # $tree is a list
_one_end() {
  trap '' TERM HUP INT
  local tree
  tree=$(_one_tree "$_one_child")
  kill -TERM "$_one_child" $tree 2> /dev/null # the script first: it must not go on
  for _ in {1..100}; do
    kill -0 $tree 2> /dev/null || break
    sleep 0.1
  done
  kill -KILL $tree 2> /dev/null
  echo "$0: ended by SIG$1" >&2
  exit $((128 + $(kill -l "$1")))
}

if [ -n "${BASH_SOURCE[1]-}" ]; then # sourced by the file; its text, which bash -c runs below, is none
  if [ -n "${CER_OWNER-}" ] && [ -z "$(ps -o pid= -p "$CER_OWNER")" ]; then
    echo "$0: not started: the script that it belongs to (process $CER_OWNER) was killed" >&2
    exit 1
  fi
  export CER_OWNER=${CER_OWNER-$$}
  _one_text=$(< "$0")
  # Behind & a shell lets SIGINT be ignored: Ctrl-C must reach the script itself, as it does in front.
  (trap - INT QUIT && exec bash -c "$_one_text" "$0" "$@") <&0 &
  _one_child=$!
  trap '_one_end TERM' TERM
  trap '_one_end HUP' HUP
  trap '' INT # the script has got it, too, and ends in its own time
  wait "$_one_child"
  exit $?
fi

# shellcheck shell=bash
# Sourced by scripts that learn all targets of a corpus by default. Source utils/once.sh before it.

# Sets $targets to all labels of the data directory "$1" unless the user named some; ends the script if it has none.
all_targets() {
  [ -n "$targets" ] || read -r targets <<< "$(labels_in "$1")"
  [ -n "$targets" ] || fail "$1: found no labels (<target>.scp); stage 0 makes them"
}

# The targets that the data directory "$1" has labels for, each behind a blank.
labels_in() {
  local name
  for name in "$1"/*.scp; do
    [ -f "$name" ] || continue
    name=$(basename "$name" .scp)
    case $name in wav | feats | cmvn | vad) ;; *) printf ' %s' "$name" ;; esac
  done
}

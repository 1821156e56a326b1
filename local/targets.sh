# shellcheck shell=bash
# Sourced by scripts that learn all targets of a corpus by default.

# The targets that the data directory "$1" has labels for, each behind a blank.
labels_in() {
  local name
  for name in "$1"/*.scp; do
    [ -f "$name" ] || continue
    name=$(basename "$name" .scp)
    case $name in wav | feats | cmvn | vad) ;; *) printf ' %s' "$name" ;; esac
  done
}

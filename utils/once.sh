# shellcheck shell=bash
# Work that a script does once, and alone. Source it, then:
#   if begin "$dir/.done" --in "$data/feats.scp" --opt "rate=$rate" --code "$root/local/x.py"; then
#     make it
#     commit --out "$dir/y"
#   else
#     echo "$0: $dir/y is up to date"
#   fi
# From begin on the work is this script's and its jobs' alone, until commit or their end: who else begins it is refused.

shopt -s inherit_errexit # a list of commands that $(...) makes is whole, or the script ends

begin() {
  once_stamp=$1
  local status=0
  _once_open "$once_stamp.lock"
  CER_LOCK=$once_lock once.py --begin "$@" || status=$?
  case $status in
    0) ;;
    3) exec {once_lock}>&- && return 1 ;;
    *) exit 1 ;;
  esac
}

commit() {
  once.py --commit "$once_stamp" "$@" || exit 1
  exec {once_lock}>&-
}

# Holds the lock file "$1" until the script and its jobs have ended.
alone() {
  _once_open "$1"
  CER_LOCK=$once_lock once.py --alone "$1" || exit 1
}

# Writes standard input to the file "$1": whole, and on the disk before it has its name, or a power loss would empty it.
replace() {
  local temporary
  temporary=$(dirname "$1")/.$(basename "$1").tmp
  cat > "$temporary" && sync "$temporary" && mv "$temporary" "$1"
}

_once_open() {
  mkdir -p "$(dirname "$1")"
  exec {once_lock}>> "$1"
}

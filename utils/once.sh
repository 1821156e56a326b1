# shellcheck shell=bash
# Functions for work that is skipped when it is up to date and that only one process does at a time, and for files that
# appear whole, folders and commands. Source it, then:
#   if begin "$dir/.done" --in "$data/feats.scp" --opt "rate=$rate" --code "$root/local/x.py"; then
#     make it
#     commit --out "$dir/y"
#   else
#     echo "$0: $dir/y is up to date"
#   fi
# begin takes a lock that this script and its jobs hold until commit, or until they end: a second begin meanwhile fails.

shopt -s inherit_errexit # a failing command in $(...) ends the script, so that it never gets a partial list

# Ends the script with status 1, and says why: "$@".
fail() { echo "$0: $*" >&2; exit 1; }

# Ends the script unless the option "$1" has one of the values "${@:2}".
one_of() {
  local value
  for value in "${@:2}"; do [ "${!1}" != "$value" ] || return 0; done
  fail "--$1: found '${!1}', expected one of: ${*:2}"
}

begin() {
  once_stamp=$1
  local status=0
  # Finished work is finished, too, in a folder where no lock can be written.
  _once_folder_of "$1"
  if [ ! -w "$once_folder" ] && once.py --check "$@" > /dev/null 2>&1; then return 1; fi
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

# Writes stdin to the file "$1" by an atomic rename, after sync: a power loss cannot leave an empty file.
replace() {
  _once_folder_of "$1"
  local temporary=$once_folder.${1##*/}.tmp
  [ ! -d "$1" ] || fail "$1: found a folder, expected a file or nothing; move it away" # mv would move the file into it
  { cat > "$temporary" && sync "$temporary" && mv "$temporary" "$1"; } || {
    rm -f "$temporary"
    echo "$0: $1: cannot be written; is the disk full? Free some space, then call it again" >&2
    return 1
  }
}

# Ends the script unless the program of the command "$1", which runs jobs, can be found.
need_cmd() {
  local program
  read -r program _ <<< "$1" # blanks before it do not count, as in Kaldi
  command -v "$program" > /dev/null || fail "--cmd: found no program '$program' in PATH; there are run.py (this machine), slurm.py and sge.py (see cmd.sh)"
}

# Makes the folder "$1" unless it is there.
make_folder() {
  mkdir -p "$1" 2> /dev/null && [ -w "$1" ] ||
    fail "$1: found no folder that can be written to, expected one; is a file in its place, or another user's folder?"
}

# Sets $once_folder to the folder of the file "$1", with a slash at its end. No program is started, as dirname would be.
_once_folder_of() {
  case $1 in */*) once_folder=${1%/*}/ ;; *) once_folder=./ ;; esac
}

_once_open() {
  _once_folder_of "$1"
  make_folder "$once_folder"
  exec {once_lock}>> "$1"
}

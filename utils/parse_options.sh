# shellcheck shell=bash
# Options of a script, on the same command lines as Kaldi's parse_options.sh. Source it when every option's variable
# has its default; it sets them and shifts the options away:
#   nj=4 use_gpu=false help_message="Usage: ..."
#   . utils/parse_options.sh
# `--use-gpu true` and `--use_gpu true` set use_gpu. `--config FILE` is sourced before all other options, so it loses to
# them. Parsing ends at the first argument that is no option, or is empty.

_po_fail() {
  echo "$0: $1" >&2
  exit 1
}

# The options that the help names. A variable must exist, too: the help's examples may name other programs' options.
_po_known() {
  local _po_word _po_variable
  while read -r _po_word; do
    _po_variable=${_po_word#--}
    _po_variable=${_po_variable//-/_}
    if [ "$_po_word" = --config ] || [ -n "${!_po_variable+set}" ]; then printf ' %s' "$_po_word"; fi
  done < <(grep -oE -e '--[[:alpha:]][[:alnum:]_-]*' <<< "${help_message-}" | LC_ALL=C sort -u)
  printf ' --help'
}

# "Is not an option" for every name that is no variable of the script. Capitals (PATH, HOME) are the system's.
_po_check_name() {
  if ! [[ $2 =~ ^[[:alpha:]][[:alnum:]_]*$ && $2 == *[[:lower:]]* ]] || [ -z "${!2+set}" ]; then
    _po_fail "found $1, which is no option of this script; expected one of:$(_po_known)"
  fi
}

_po_check_value() {
  case ${!2}:$3 in
    true:true | true:false | false:true | false:false) ;;
    true:* | false:*) _po_fail "found $1 '$3', expected true or false" ;;
  esac
  if [ "$1" = --cmd ] && [ -z "$3" ]; then
    _po_fail "empty argument to --cmd option; expected where jobs run, e.g. --cmd run.py"
  fi
}

for ((_po_i = 1; _po_i < $#; _po_i++)); do
  if [ "${!_po_i}" = --config ]; then
    _po_next=$((_po_i + 1))
    config=${!_po_next}
    if [ ! -f "$config" ] && [ ! -p "$config" ] || [ ! -r "$config" ]; then
      _po_fail "--config: cannot read '$config'; expected a shell file that sets options, one name=value a line"
    fi
    case $config in */*) ;; *) config=./$config ;; esac # a bare name would be sought in PATH
    # shellcheck source=/dev/null
    . "$config"
  fi
done

while [ -n "${1-}" ]; do
  case $1 in
    -h | --help)
      printf '%b\n' "${help_message-$0: has no help; see the comments at its top}" >&2
      exit 0
      ;;
    --*=*) _po_fail "found '$1', expected '${1%%=*} ${1#*=}': a blank instead of the =" ;;
    --*)
      _po_name=${1#--}
      _po_name=${_po_name//-/_}
      if [ "$_po_name" = config ] && [ $# -eq 1 ]; then config=; fi # so that its lack of a value is what is reported
      _po_check_name "$1" "$_po_name"
      if [ $# -lt 2 ]; then _po_fail "found $1 as the last word, expected a value after it"; fi
      _po_check_value "$1" "$_po_name" "$2"
      printf -v "$_po_name" %s "$2"
      shift 2
      ;;
    *) break ;;
  esac
done
unset _po_i _po_next _po_name
unset -f _po_fail _po_known _po_check_name _po_check_value
true # the exit status of sourcing this file

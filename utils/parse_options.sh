# shellcheck shell=bash
# Parses the options of a script, as Kaldi's parse_options.sh does. The script declares each option once, and sources
# this file:
#   # Begin configuration section.
#   nj=4                       # number of jobs
#   use_gpu=false              # train on a GPU; long comments continue on the next line,
#                              # indented by blanks
#   # End configuration section.
#   help_message="Usage: $0 [options] <dir>"
#   . utils/parse_options.sh
# `--use-gpu true` and `--use_gpu true` set use_gpu; parsed options are shifted away. `--config FILE` is sourced first, so
# all other options override it. nj, num_* and options whose default is a whole number take only whole numbers. Parsing
# stops at the first argument that is empty or not an option. The options with their comments and defaults are appended
# to help_message; `--help` prints it. A variable set outside the section is an option, too, as in Kaldi, but the help
# does not show it. An argument -x becomes ./-x, so that no command takes a folder of this name for an option: find would
# obey -delete. COMMAND_LINE becomes the whole command line, to be printed later.

set +o noclobber +o noglob # which a user may export: a script writes over files of a killed call, and uses patterns

_po_fail() {
  echo "$0: $1" >&2
  exit 1
}

# Reads the configuration section: puts the option names into $_po_known, and their help text into $_po_list.
_po_read_section() {
  local _po_text=${BASH_EXECUTION_STRING-} _po_line _po_name='' _po_word # utils/as_one.sh runs a script's text
  if [ -z "$_po_text" ] && [ -f "$0" ]; then _po_text=$(< "$0"); fi
  [[ $_po_text == *$'\n# Begin configuration section.\n'* ]] || return 0
  _po_text=${_po_text#*$'\n# Begin configuration section.\n'}
  while IFS= read -r _po_line; do
    if [[ $_po_line =~ ^[[:space:]]+#\ (.*) ]]; then
      printf -v _po_list '%s\n%26s%s' "$_po_list" '' "${BASH_REMATCH[1]}"
      continue
    fi
    _po_add_default "$_po_name"
    [[ $_po_line =~ ^([[:alpha:]][[:alnum:]_]*)= ]] || { _po_name='' && continue; }
    _po_name=${BASH_REMATCH[1]} _po_word=--${BASH_REMATCH[1]//_/-}
    _po_known+=" $_po_word"
    case ${!_po_name-} in true | false) _po_word+=" true|false" ;; esac
    if [ ${#_po_word} -gt 23 ]; then printf -v _po_word '%s\n%25s' "$_po_word" ''; fi
    [[ $_po_line == *[[:space:]]"# "* ]] || _po_line+=" # "
    printf -v _po_list '%s\n  %-23s %s' "$_po_list" "$_po_word" "${_po_line#*[[:space:]]# }"
  done <<< "${_po_text%%$'\n# End configuration section.\n'*}"
  _po_add_default "$_po_name"
}

_po_add_default() {
  [ -n "$1" ] || return 0
  _po_defaults[$1]=${!1-}
  if [ -n "${!1-}" ]; then _po_list+=" (default: ${!1})"; fi
}

# Prints the help "$1". On a terminal of fewer than 120 columns its lines break at blanks, and keep their indentation;
# lines of a paragraph, which break near column 120, are joined first.
_po_help() {
  local _po_width=
  if [ -t 1 ]; then { _po_width=$(stty size <&3 2> /dev/null || true); } 3>&1; fi
  _po_width=${_po_width#* } # of rows and columns
  if [ "${_po_width:-0}" -lt 40 ] || [ "$_po_width" -ge 120 ]; then
    printf '%b\n' "$1"
    return
  fi
  printf '%b\n' "$1" | awk -v width="$_po_width" '
    function show(line,  indent, end) {
      indent = line ~ /^  --/ ? 26 : line ~ /^(e\.g\.:|      )/ ? 8 : 0
      while (length(line) > width) {
        for (end = width + 1; end > indent && substr(line, end, 1) != " "; end--);
        if (end == indent) break # a word that is too long
        print substr(line, 1, end - 1)
        line = sprintf("%" indent "s", "") substr(line, end + 1)
      }
      print line
    }
    function plain(line) { return line !~ /^( |Usage:|e\.g\.:|Options:|$)/ }
    plain(held) && plain($0) && last + length($1) > 110 { held = held " " $0; last = length($0); next }
    { last = length($0) }
    held ~ /^  --/ && substr($0, 1, 26) ~ /^ *$/ { held = sprintf("%-25s %s", held, substr($0, 27)); next }
    NR > 1 { show(held) }
    { held = $0 }
    END { show(held) }'
}

# Fails unless the name "$2" of the option "$1" is a variable of the script. Capitals (PATH, HOME) are no options.
_po_check_name() {
  if ! [[ $2 =~ ^[[:alpha:]][[:alnum:]_]*$ && $2 == *[[:lower:]]* ]] || [ -z "${!2+set}" ]; then
    _po_fail "found $1, which is no option of this script; expected one of:$_po_known"
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

# Fails unless each number is one: nj and num_* from 1 on (0 and nothing only if that is the default), and all options
# whose default is a whole number; and unless options whose default is true or false are one of these: scripts run them.
_po_check_values() {
  local _po_option _po_default _po_least
  for _po_option in "${!_po_defaults[@]}"; do
    _po_default=${_po_defaults[$_po_option]}
    case $_po_default:${!_po_option} in
      true:true | true:false | false:true | false:false) continue ;;
      true:* | false:*) _po_fail "found --${_po_option//_/-} '${!_po_option}', expected true or false" ;;
    esac
    case $_po_option in nj | num_*) ;; *) [[ $_po_default =~ ^[0-9]+$ ]] || continue ;; esac
    [ "${!_po_option}" != "$_po_default" ] || continue
    case $_po_option in nj | num_*) _po_least=1 ;; *) _po_least=0 ;; esac
    [[ ${!_po_option} =~ ^(0|[1-9][0-9]{0,9})$ ]] && [ "${!_po_option}" -ge $_po_least ] ||
      _po_fail "found --${_po_option//_/-} '${!_po_option}', expected a whole number from $_po_least on"
  done
}

printf -v COMMAND_LINE '%q ' "$0" "$@"
COMMAND_LINE=${COMMAND_LINE% }
declare -A _po_defaults=()
_po_known='' _po_list=''
_po_read_section
_po_known+=" --config --help"
if [ -n "$_po_list" ] && [ -n "${help_message-}" ]; then
  help_message+=$'\nOptions:'$_po_list$'\n  --config FILE           a shell file that sets any of these, one name=value per line'
fi

for ((_po_i = 1; _po_i < $#; _po_i++)); do
  if [ "${!_po_i}" = --config ]; then
    _po_next=$((_po_i + 1))
    config=${!_po_next}
    if [ ! -f "$config" ] && [ ! -p "$config" ] || [ ! -r "$config" ]; then
      _po_fail "--config: cannot read '$config'; expected a shell file that sets options, one name=value per line"
    fi
    # A pipe can be read only once.
    if [ -f "$config" ] && _po_name=$(grep -nEm 1 "^ *[[:lower:]_][[:alnum:]_]*([[:blank:]]+=|=[[:blank:]]+[^#[:space:]])" "$config"); then
      _po_fail "$config:${_po_name%%:*}: found '${_po_name#*:}', expected name=value without blanks around the ="
    fi
    case $config in */*) ;; *) config=./$config ;; esac # bash would search PATH for a bare name
    # shellcheck source=/dev/null
    . "$config"
  fi
done

while [ -n "${1-}" ]; do
  case $1 in
    -h | --help)
      _po_help "${help_message-$0: has no help; see the comments at its top}"
      exit 0
      ;;
    --*=*) _po_fail "found '$1', expected '${1%%=*} ${1#*=}': a blank instead of the =" ;;
    --*)
      _po_name=${1#--}
      _po_name=${_po_name//-/_}
      if [ "$_po_name" = config ] && [ $# -eq 1 ]; then config=; fi # so that the error below reports the missing value
      _po_check_name "$1" "$_po_name"
      if [ $# -lt 2 ]; then _po_fail "found $1 as the last word, expected a value after it"; fi
      _po_check_value "$1" "$_po_name" "$2"
      printf -v "$_po_name" %s "$2"
      shift 2
      ;;
    *) break ;;
  esac
done
_po_check_values
for _po_name; do
  shift
  case $_po_name in -[!-]*) _po_name=./$_po_name ;; esac
  set -- "$@" "$_po_name"
done
unset _po_i _po_next _po_name _po_known _po_list _po_defaults
unset -f _po_fail _po_help _po_read_section _po_add_default _po_check_name _po_check_value _po_check_values
true # the exit status of sourcing this file

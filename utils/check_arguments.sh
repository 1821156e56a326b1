# shellcheck shell=bash disable=SC2154 # help_message is the script's
# Ends a script that was called with too few or too many arguments, an empty one, or an option after them, and says which
# one. Source it after parse_options.sh. The first line of help_message says what is expected: <word> is needed, what is
# in brackets is not, and ... stands for any number.

for _ca_word; do
  case $_ca_word in
    --*)
      echo "$0: found $_ca_word after the argument $1, expected all options before the arguments" >&2
      exit 1
      ;;
  esac
done
_ca_usage=${help_message%%$'\n'*}
_ca_needed=() _ca_all=() _ca_depth=0
read -ra _ca_words <<< "$_ca_usage"
for _ca_word in "${_ca_words[@]}"; do
  case $_ca_word in \[*) _ca_depth=$((_ca_depth + 1)) ;; esac
  case $_ca_word in
    *\<*)
      _ca_name="<${_ca_word#*<}" && _ca_name="${_ca_name%>*}>"
      _ca_all+=("$_ca_name")
      [ $_ca_depth -gt 0 ] || _ca_needed+=("$_ca_name")
      ;;
  esac
  _ca_word=${_ca_word//[^\]]/}
  _ca_depth=$((_ca_depth - ${#_ca_word}))
done
if [ $# -lt ${#_ca_needed[@]} ]; then
  echo "${help_message%%$'\n'Options:*}" >&2
  echo "$0: found $([ $# -gt 0 ] && echo "the argument$([ $# -eq 1 ] || echo s) $*" || echo "no argument"), missing: ${_ca_needed[*]:$#}" >&2
  exit 1
fi
if [ $# -gt ${#_ca_all[@]} ] && [[ $_ca_usage != *...* ]]; then
  echo "${help_message%%$'\n'Options:*}" >&2
  echo "$0: found '${*:${#_ca_all[@]}+1:1}', expected nothing after ${_ca_all[*]:-the options}" >&2
  exit 1
fi
for ((_ca_i = 1; _ca_i <= ${#_ca_needed[@]}; _ca_i++)); do
  if [ -z "${!_ca_i}" ]; then
    echo "$0: found '' for ${_ca_needed[_ca_i - 1]}, expected something" >&2
    exit 1
  fi
done
unset _ca_i _ca_usage _ca_needed _ca_all _ca_depth _ca_words _ca_word _ca_name

# shellcheck shell=bash
# How steps and egs/<corpus>/prepare.sh start: parses the options, checks the arguments, prints the command line, sets $root
# and defines the functions of common.sh. Source it after help_message:  . "$(dirname "$0")/start.sh"

[ ! -f path.sh ] || . ./path.sh >&2 # of another recipe, in whose folder the step is called; programs read what we print
root=$(dirname "$(dirname "${BASH_SOURCE[0]}")") # of the recipe that this file belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
. "$root/utils/check_arguments.sh"
[ "${list-}" = true ] || echo "$COMMAND_LINE" # for the log; with --list true programs read the output
set -euo pipefail
. "$root/steps/common.sh"

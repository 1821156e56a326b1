#!/usr/bin/env bash
# Runs one line of a file of commands in bash. It lets the jobs of an array run different commands.

help_message="Usage: $0 <file> <number>
e.g.: $0 exp/search/jobs 3                                        # runs the third line
      run.py JOB=1:20 exp/search/log/search.JOB.log $0 exp/search/jobs JOB
Removes <file>.<number>.ok, and writes it if the command succeeds.
Exit status: that of the command; 1 if there is no such line."
[ ! -f path.sh ] || . ./path.sh
. "$(dirname "$0")/parse_options.sh"
. "$(dirname "$0")/check_arguments.sh"
set -euo pipefail

[ -f "$1" ] || { echo "$0: no such file $1" >&2; exit 1; }
[[ $2 =~ ^[1-9][0-9]*$ ]] || { echo "$0: found '$2', expected the number of a line" >&2; exit 1; }
line=$(sed -n "$2p" "$1")
[ -n "$line" ] || { echo "$0: $1 has no line $2, or it is empty" >&2; exit 1; }
rm -f "$1.$2.ok"
unset CER_OWNER # the job may be on another machine; its launcher ends it
echo "# $line"
bash -c "$line"
touch "$1.$2.ok"

#!/usr/bin/env bash
# Sorts the files of a data directory and keeps what they agree on, on the command line of Kaldi's script of this name; see --help.

exec "$(dirname "$0")/python.sh" "$(dirname "$0")/datadir/fix.py" "$@"

#!/usr/bin/env bash
# Makes a data directory of some utterances of another, on the command line of Kaldi's script of this name; see --help.

exec "$(dirname "$0")/python.sh" "$(dirname "$0")/datadir/subset.py" "$@"

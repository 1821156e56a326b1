#!/usr/bin/env bash
# Makes one data directory of several, on the command line of Kaldi's script of this name; see --help.

exec "$(dirname "$0")/python.sh" "$(dirname "$0")/datadir/combine.py" "$@"

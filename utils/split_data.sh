#!/usr/bin/env bash
# Splits a data directory into parts for jobs, on the command line of Kaldi's script of this name; see --help.

exec "$(dirname "$0")/python.sh" "$(dirname "$0")/datadir/split.py" "$@"

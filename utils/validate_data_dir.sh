#!/usr/bin/env bash
# Checks a data directory, on the command line of Kaldi's script of this name; see --help.

exec "$(dirname "$0")/python.sh" "$(dirname "$0")/datadir/validate.py" "$@"

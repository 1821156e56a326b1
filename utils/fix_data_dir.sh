#!/usr/bin/env bash
# Sorts the files of a data directory and removes ids that are not in all of them. Same command line as Kaldi's
# fix_data_dir.sh; see --help.

exec "$(dirname "$0")/python.sh" "$(dirname "$0")/data_dir.py" fix_data_dir.sh "$@"

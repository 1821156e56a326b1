#!/usr/bin/env bash
# Combines data directories into one. Same command line as Kaldi's combine_data.sh; see --help.

exec "$(dirname "$0")/python.sh" "$(dirname "$0")/data_dir.py" combine_data.sh "$@"

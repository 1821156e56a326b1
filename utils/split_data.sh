#!/usr/bin/env bash
# Splits a data directory into parts for jobs. Same command line as Kaldi's split_data.sh; see --help.

exec "$(dirname "$0")/python.sh" "$(dirname "$0")/data_dir.py" split_data.sh "$@"

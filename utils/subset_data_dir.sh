#!/usr/bin/env bash
# Makes a data directory with some utterances of another. Same command line as Kaldi's subset_data_dir.sh; see --help.

exec "$(dirname "$0")/python.sh" "$(dirname "$0")/data_dir.py" subset_data_dir.sh "$@"

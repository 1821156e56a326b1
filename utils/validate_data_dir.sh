#!/usr/bin/env bash
# Checks a data directory. Same command line as Kaldi's validate_data_dir.sh; see --help.

exec "$(dirname "$0")/python.sh" "$(dirname "$0")/data_dir.py" validate_data_dir.sh "$@"

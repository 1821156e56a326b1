#!/usr/bin/env bash
# Runs the tests; installs what they need first. Arguments go to pytest.

help_message="Usage: tests/run.sh [pytest arguments]
e.g.: tests/run.sh                      # the files of tests/ side by side on two processors
      tests/run.sh tests/test_fbank.py  # one file
      tests/run.sh -m slow              # the experiments' slow tests, which are left out otherwise"
case ${1-} in -h | --help) echo "$help_message"; exit 0 ;; esac

set -euo pipefail
cd "$(dirname "$0")/.."
utils/setup.sh test export
. ./path.sh
exec python3 -m pytest "$@"

#!/usr/bin/env bash
# Runs the tests; installs what they need first. Arguments go to pytest.

help_message="Usage: tests/run.sh [--cluster | --faults [N] | --fuzz [N] | --results] [pytest arguments]
e.g.: tests/run.sh                      # the files of tests/ side by side on two processors
      tests/run.sh tests/test_fbank.py  # one file
      tests/run.sh -m slow              # the experiments' slow tests, which are left out otherwise
      tests/run.sh -m browser -rs       # the HTML report in Chromium; says so when there is none
      tests/run.sh --cluster            # slurm.py and sge.py on a real Slurm and Grid Engine, as root on Debian: installs
                                        # and starts both; exit status 77, not a pass, if they cannot be installed
      tests/run.sh --faults 50          # simulates a power loss at N of the recipe's operations on files (default: 200),
                                        # resumes, and compares the results with an undisturbed run; prints a table
      tests/run.sh --fuzz 1000          # gives every parser N corrupted inputs (default: 100000); prints a line per parser
      tests/run.sh --results            # trains every system once on the open corpus, and compares its dev CCC with that
                                        # of egs/synth/RESULTS.md; prints a line per system and target"
case ${1-} in
  -h | --help) echo "$help_message"; exit 0 ;;
  --cluster) set -- -m cluster -n 3 "${@:2}" ;;
  --faults)
    shift
    if [[ ${1-} =~ ^[0-9]+$ ]]; then export CER_CUTS=$1; shift; fi
    set -- -m faults --dist loadgroup -o faulthandler_timeout=0 "$@"
    ;;
  --fuzz)
    shift
    export CER_FUZZ=100000
    if [[ ${1-} =~ ^[0-9]+$ ]]; then CER_FUZZ=$1; shift; fi
    set -- -n 0 -s -o faulthandler_timeout=0 tests/test_fuzz.py "$@"
    ;;
  --results) set -- -m results -n 0 -s -o faulthandler_timeout=0 tests/test_stored_results.py "${@:2}" ;;
esac

# pytest does not start with closed streams.
(exec 3>&2) || exec 2> /dev/null
(exec 3>&1) 2> /dev/null || exec > /dev/null
(exec 3<&0) 2> /dev/null || exec < /dev/null

set -euo pipefail
CDPATH='' cd "$(dirname "$0")/.."
utils/setup.sh test export
. ./path.sh
exec python3 -m pytest "$@"

# shellcheck shell=bash
# Puts the recipe's Python and utils/ first in PATH. Sourced by run.sh, by every script in steps/ and by submitted jobs,
# which inherit PATH at most, from the recipe's top or from elsewhere: so it is quiet, quick and may be sourced twice.

recipe=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
recipe_python=$recipe/.venv/bin # made by utils/setup.sh from pinned versions
[ -x "$recipe/.python/python3" ] && recipe_python=$recipe/.python # the user's own Python, chosen by utils/setup.sh
case "$PATH:" in
  "$recipe_python:$recipe/utils:"*) ;;
  *) PATH=$recipe_python:$recipe/utils:$PATH ;;
esac
case ":${PYTHONPATH-}:" in
  *":$recipe:"*) ;;
  *) PYTHONPATH=$recipe${PYTHONPATH:+:$PYTHONPATH} ;;
esac
export PATH PYTHONPATH
export LC_ALL=C            # every tool sorts by bytes, as Kaldi's tables are
export PYTHONUNBUFFERED=1  # a job's log is live
export OMP_NUM_THREADS=1   # parallelism comes from jobs: two threads on two busy cores are slower than one
# Blocks of a training step's size come from the heap, not from fresh pages of the kernel each time.
export MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=1073741824

# shellcheck shell=bash
# Puts the recipe's Python and utils/ first in PATH. Sourced from the recipe's top by run.sh, by every script in steps/
# and by every submitted job, which inherits PATH at most: so it is quiet, quick and may be sourced twice.

recipe_python=$PWD/.venv/bin # made by utils/setup.sh from pinned versions
[ -x "$PWD/.python/python3" ] && recipe_python=$PWD/.python # the user's own Python, chosen by utils/setup.sh
case ":$PATH:" in
  *":$recipe_python:$PWD/utils:"*) ;;
  *) PATH=$recipe_python:$PWD/utils:$PATH ;;
esac
case ":${PYTHONPATH-}:" in
  *":$PWD:"*) ;;
  *) PYTHONPATH=$PWD${PYTHONPATH:+:$PYTHONPATH} ;;
esac
export PATH PYTHONPATH
export LC_ALL=C            # every tool sorts by bytes, as Kaldi's tables are
export PYTHONUNBUFFERED=1  # a job's log is live
export OMP_NUM_THREADS=1   # parallelism comes from jobs: two threads on two busy cores are slower than one
# Blocks of a training step's size come from the heap, not from fresh pages of the kernel each time.
export MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=1073741824

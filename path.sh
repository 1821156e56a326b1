# shellcheck shell=bash
# Puts the recipe's Python and utils/ first in PATH. run.sh, all scripts in steps/ and all submitted jobs source it,
# from any folder and with any environment: so it prints nothing, is fast, and may be sourced twice.

recipe_file=${BASH_SOURCE:-./path.sh} # sh does not know where the file is: it can source only ./path.sh
case $recipe_file in */*) ;; *) recipe_file=./$recipe_file ;; esac
recipe=$(CDPATH='' cd "${recipe_file%/*}/" && pwd) # with an exported CDPATH, cd prints and goes elsewhere
# In utils/.., where utils is a link into another recipe, cd goes to that recipe.
[ "$recipe/path.sh" -ef "$recipe_file" ] || recipe=$(CDPATH='' cd -P "${recipe_file%/*}/" && pwd)
[ -f "$recipe/path.sh" ] || echo "path.sh: found a shell other than bash, expected bash, or the recipe's folder: cd there first" >&2
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
export LC_ALL=C            # all tools sort by bytes, as Kaldi's tables require
# Programs need the folder that they are in, their docstrings, the library of their own Python, and names in UTF-8.
unset PYTHONSAFEPATH PYTHONOPTIMIZE PYTHONHOME PYTHONUTF8 PYTHONIOENCODING
export PYTHONUNBUFFERED=1  # jobs write their logs without delay
export OMP_NUM_THREADS=1   # parallelism comes from jobs: two threads on two busy cores are slower than one
# malloc takes the blocks of a training step from the heap, instead of new kernel pages each time. Blocks above 32 MB,
# of recordings of hours, are returned when they are freed.
export MALLOC_MMAP_THRESHOLD_=33554432 MALLOC_TRIM_THRESHOLD_=67108864

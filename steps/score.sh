#!/usr/bin/env bash
# Scores predictions against the labels of a data directory, or those of many data directories and systems in one call.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
system=                    # name of the system in the score files (default: from the path
                           # exp/<corpus>/<system>/<target>/predict_<set>)
set=                       # name of the set in the score files (default: from that path, too)
nj=$(env -u OMP_NUM_THREADS nproc) # number of processes, each of which scores 100 predictions at a time
# End configuration section.

help_message="Usage: $0 [options] <data-dir> <prediction-dir> [<data-dir> <prediction-dir> ...]
e.g.: $0 data/synth/dev exp/synth/downup/arousal/predict_dev
Writes <prediction-dir>/score.txt for people and score.json for programs."
. "$(dirname "$0")/start.sh"
[ $(($# % 2)) -eq 0 ] || fail "found ${*: -1} as the last argument, missing: its <prediction-dir>"

for ((n = 2; n <= $#; n += 2)); do
  dir=${!n}
  [ -d "$dir" ] || fail "no such folder $dir; stage 4 (steps/predict.sh) makes it"
  need "$dir/output.scp" "stage 4 (steps/predict.sh) makes it"
done
printf '%s\0' "$@" |
  xargs -0 -n 200 -P "$nj" python3 -m cer.bin.score ${system:+--system="$system"} ${set:+--set="$set"} -- || exit 1

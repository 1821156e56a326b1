#!/usr/bin/env bash
# Predicts train, dev and test with several trained systems, as one array of jobs; see steps/predict.sh.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
cmd=run.py                 # where jobs run
num_runs=                  # use only run1 to run<num-runs> (default: all)
csv=auto                   # as in predict.sh
# End configuration section.

help_message="Usage: $0 [options] <data> <exp-dir> <system>/<target> ...
e.g.: $0 data/synth exp/synth downup/arousal downup/valence
Writes <exp-dir>/<system>/<target>/predict_<set>/ for each data directory <data>/<set>."
. "$(dirname "$0")/start.sh"

data=$1 exp=$2
compgen -G "$(printf %q "$data")/*/wav.scp" > /dev/null ||
  fail "$data: found no data directory in it, expected train, dev or test; stage 0 makes them"
all=$(for system in "${@:3}"; do
  for set in train dev test; do
    [ -f "$data/$set/wav.scp" ] || continue
    printf '%q ' "$root/steps/predict.sh" --list true --num-runs "$num_runs" --csv "$csv" "$data/$set" "$exp/$system" "$exp/$system/predict_$set"
    echo
  done
done | side_by_side.py | awk '!seen[$0]++') # of a system that is named twice, once
lines=$(once.py --stale <<< "$all")
ready=$(($(grep -c . <<< "$all") - $(grep -c . <<< "$lines" || true)))
[ "$ready" -eq 0 ] || echo "$0: $ready of $(grep -c . <<< "$all") sets of predictions are up to date" >&2
printf '%s' "$lines" | "$root/utils/run_lines.sh" --cmd "$cmd" - "$exp/log/predict.JOB.log"
lines_of_logs "$exp/log/predict" "$(grep -c . <<< "$lines" || true)" -e "^WARNING" -e ": no CSV files" >&2

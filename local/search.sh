#!/usr/bin/env bash
# Searches hyper-parameters on dev: trains every trial of a plan as one array of jobs, and ranks them by their dev CCC.
# What has been trained stays: a plan that grew trains only what is new, a killed search goes on where it was.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
cmd=run.py                 # where jobs run
num_runs=2                 # trainings of each trial, from different initial weights
nj=2                       # jobs at once
name=                      # in the report's heading (default: the plan's file name)
num_samples=0              # draw so many points of the plan, not all (0); a larger number keeps those of a smaller one
seed=1                     # of the drawing
conf_dirs=conf             # folders of <arch>.conf and <arch>.<target>.conf: what every trial starts from
opts=                      # options of every training, before those of the trial
use_gpu=false              # train on cards, for which cmd is asked
# End configuration section.

help_message="Usage: $0 [options] <plan-file> <arch> <target> <train-data-dir> <dev-data-dir> <dir>
e.g.: $0 conf/search/learning-rate.conf downup arousal data/synth/train data/synth/dev exp/synth/search/downup_arousal
      $0 --num-samples 40 conf/search/downup.conf downup arousal data/synth/train data/synth/dev exp/synth/search/wide
A plan lists the values to try, an option a line; see conf/search/.
Leaves <dir>/search.tsv, the winner's <dir>/best.conf, a section for the reports in <dir>/sections/, and
<dir>/<options of the trial>/run<N>/."
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
. utils/parse_options.sh
. utils/once.sh
if [ $# -ne 6 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

plan=$1 arch=$2 target=$3 train=$4 dev=$5 dir=$6
configs=()
for conf_dir in $conf_dirs; do
  for f in "$conf_dir/$arch.conf" "$conf_dir/$arch.$target.conf"; do
    [ ! -f "$f" ] || configs+=("$f")
  done
done
mkdir -p "$dir"
trials=$(python3 local/search/plan.py --arch="$arch" "${configs[@]/#/--base=}" --num-samples=$num_samples --seed=$seed "$plan")
replace "$dir/trials" <<< "$trials"

check=true # the options of the first trial, before anything is submitted
lines=$(while read -ra words; do
  steps/train.sh --list true --check $check --num-runs $num_runs --conf-dirs "$conf_dirs" --use-gpu $use_gpu \
    --opts "$opts ${words[*]:1}" "$arch" "$target" "$train" "$dev" "$dir/${words[0]}"
  check=false
done < "$dir/trials")
if $use_gpu; then cmd+=" --gpu 1"; fi
[ -z "$lines" ] || utils/run_lines.sh --cmd "$cmd --max-jobs-run $nj" - "$dir/log/search.JOB.log" <<< "$lines" || {
  status=$?
  [ $status -eq 1 ] || exit $status # stopped by the user
  echo "$0: some trainings failed; they stand in the table as such"
}
[ -n "$name" ] || name=$(basename "$plan" .conf)
python3 local/search/table.py --name="$name: $arch, $target" --num-runs=$num_runs --arch="$arch" "$dir" "$plan"

#!/usr/bin/env bash
# Searches hyper-parameters: trains the trials of a plan, combinations of its values, as one array of jobs, and ranks them
# by dev CCC. Finished runs are kept: after the plan grows, only new trials are trained; a killed search resumes.

. "$(dirname "$0")/../utils/as_one.sh"
only_here

# Begin configuration section.
cmd=run.py                 # where jobs run
num_runs=2                 # runs of each trial, with different initial weights
nj=2                       # maximum number of jobs at a time
name=                      # name in the report's heading (default: file name of the plan)
num_samples=0              # trials to draw at random; 0: all combinations. A larger number keeps those of a smaller one
seed=1                     # seed for drawing trials
conf_dirs=conf             # folders with <arch>.conf and <arch>.<target>.conf, the base of all trials
opts=                      # training options of all trials; those of the trial override them
use_gpu=false              # train on GPUs, requested from cmd with --gpu 1
num_gpus=1                 # number of GPUs, each of which trains its share of all runs in one process
# End configuration section.

help_message="Usage: $0 [options] <plan-file> <arch> <target> <train-data-dir> <dev-data-dir> <dir>
e.g.: $0 conf/search/learning-rate.conf downup arousal data/synth/train data/synth/dev exp/synth/search/downup_arousal
      $0 --num-samples 40 conf/search/downup.conf downup arousal data/synth/train data/synth/dev exp/synth/search/wide
A plan lists the values to try, one option per line; see conf/search/. A trial is one combination of them.
Writes <dir>/search.tsv, <dir>/best.conf with the best options, a section for the reports in <dir>/sections/, and
<dir>/<options of the trial>/run<N>/."
. steps/start.sh

plan=$1 arch=$2 target=$3 train=$4 dev=$5 dir=$6
mapfile -t configs < <(configs_of "$arch" "$target" "$conf_dirs")
alone "$dir/.lock"
trials=$(python3 -m local.search.plan --arch="$arch" "${configs[@]/#/--base=}" --num-samples=$num_samples --seed=$seed "$plan")
replace "$dir/trials" <<< "$trials"

check=true # checks the options of the first trial before jobs are submitted
lines=$(while read -ra words; do
  printf '%q ' steps/train.sh --list true --check $check --num-runs $num_runs --conf-dirs "$conf_dirs" --use-gpu $use_gpu \
    --opts "$opts ${words[*]:1}" "$arch" "$target" "$train" "$dev" "$dir/${words[0]}"
  echo
  check=false
done < "$dir/trials" | side_by_side.py)
$use_gpu || num_gpus=0
failed=()
[ -z "$lines" ] || utils/run_lines.sh --cmd "$cmd --max-jobs-run $nj" --num-gpus "$num_gpus" - "$dir/log/search.JOB.log" <<< "$lines" || {
  status=$?
  [ $status -eq 1 ] || exit $status # stopped by the user
  echo "$0: some trainings failed; the table shows them"
  mapfile -t failed < <(once.py --stale --stamps <<< "$lines")
}
[ -n "$name" ] || name=$(basename "$plan" .conf)
python3 -m local.search.table --name="$name: $arch, $target" --num-runs=$num_runs --arch="$arch" "$dir" "$plan" "${failed[@]}"

#!/usr/bin/env bash
# Trains several architectures on several targets: all runs of all systems as one array of jobs; see steps/train.sh.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
cmd=run.py                 # where jobs run
num_runs=5                 # runs of each system, with different initial weights
conf_dirs=                 # folders with <arch>.conf and <arch>.<target>.conf (default: the conf/ beside steps/)
opts=                      # training options that override the configurations
use_gpu=false              # train on GPUs, requested from cmd with --gpu 1
num_gpus=1                 # number of GPUs, each of which trains its share of all runs in one process
affix=                     # name the systems <arch>_<affix>
# End configuration section.

help_message="Usage: $0 [options] <archs> <targets> <data> <exp-dir>
e.g.: $0 --num-runs 2 \"dilated downup\" \"arousal valence\" data/synth exp/synth
<data> contains the data directories train and dev. Writes <exp-dir>/<arch>/<target>/run<N>/ and log/train.<N>.log."
. "$(dirname "$0")/start.sh"

archs=$1 targets=$2 data=$3 exp=$4
all=() lists=
for arch in $archs; do
  for target in $targets; do
    dir=$exp/$arch${affix:+_$affix}/$target
    all+=("$dir")
    printf -v list '%q ' "$root/steps/train.sh" --list true --num-runs "$num_runs" --conf-dirs "$conf_dirs" --opts "$opts" \
      --use-gpu "$use_gpu" "$arch" "$target" "$data/train" "$data/dev" "$dir"
    lists+=$list$'\n'
  done
done
lines=$(side_by_side.py <<< "$lists" | awk '!seen[$0]++') # of a system that is named twice, once
$use_gpu || num_gpus=0
for dir in "${all[@]}"; do
  # The command of a system to be trained is that of an earlier training; run.sh writes the new one. It goes first: of
  # several systems, those that are trained when this call is killed are up to date in the next one.
  [[ $lines != *" $(printf %q "$dir")/.done.run"* ]] || rm -f "$dir/command"
done
printf %s "$lines" | "$root/utils/run_lines.sh" --cmd "$cmd" --num-gpus "$num_gpus" - "$exp/log/train.JOB.log"
for dir in "${all[@]}"; do results_of_runs "$dir" "$num_runs"; done

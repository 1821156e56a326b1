#!/usr/bin/env bash
# The paper's Figure 1: dev CCC over the receptive field of a single filter, 2 to 2048 rows, as arrays of jobs.

. "$(dirname "$0")/../utils/as_one.sh"
only_here

# Begin configuration section.
cmd=run.py                 # where jobs run
targets=                   # labels, e.g. "arousal valence" (default: all that <data-dir>/train has)
num_points=11              # number of widths, each half of the one before: 11 gives 2048 down to 2
train_config=conf/figure1.conf  # training options
use_gpu=false              # train on GPUs, requested from cmd with --gpu 1
num_gpus=1                 # number of GPUs, each of which trains its share of the points in one process
opts=                      # further training options; python3 -m local.paper.figure1_train --help lists them
# End configuration section.

help_message="Usage: $0 [options] <data-dir> <exp-dir>
e.g.: $0 data/synth exp/synth
Writes <exp-dir>/figure1.{png,pdf,json} and a section for the reports. Finished points are not trained again."
. steps/start.sh
. local/targets.sh

data=$1 exp=$2
[ -f "$train_config" ] || fail "--train-config: no such file $train_config, expected options of the training"
all_targets "$data/train"
for target in $targets; do
  for set in train dev; do need_in "$data/$set" "$target.scp" 0; done
done
$use_gpu || num_gpus=0
read -ra options <<< "$opts"
mapfile -t named < <(files_in_options "${options[@]}")
mapfile -t rows < <(for set in train dev; do sources_of_rows "$data/$set" single; done)
make_folder "$exp/figure1/log"
for n in $(seq $num_points); do # the widest filters take longest, so they start first
  for target in $targets; do
    point=$exp/figure1/$target.$n.json
    once=("$exp/figure1/.done.$target.$n" --in "$train_config" "${named[@]}" "${rows[@]}" "$data"/{train,dev}/{"$target.scp",label_shift}
      --opt "${options[@]}" --code local/paper/figure1_train.py)
    if once.py --check "${once[@]}" > /dev/null; then continue; fi
    printf '%q ' utils/once.py "${once[@]}" --out "$point" -- python3 -m local.paper.figure1_train "--config=$train_config" \
      "--use-gpu=$use_gpu" "${options[@]}" "--target=$target" "--job=$n" "$data/train" "$data/dev" "$point"
    echo
  done
done | utils/run_lines.sh --cmd "$cmd" --num-gpus "$num_gpus" - "$exp/figure1/log/train.JOB.log"
python3 -m local.paper.figure1 "$exp"

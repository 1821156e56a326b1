#!/usr/bin/env bash
# The paper's Figure 1: dev CCC over the receptive field of a single filter, 2 to 2048 rows, as arrays of jobs.

# Begin configuration section.
cmd=run.py
targets="arousal valence"
num_points=11              # the widest filter, then half of it, and so on: 2048 down to 2
train_config=conf/figure1.conf  # options of local/figure1_train.py
opts=                      # more of them
# End configuration section.

help_message="Usage: $0 [options] <data-dir> <exp-dir>
e.g.: $0 data/synth exp/synth
Leaves <exp-dir>/figure1.{png,pdf,md,json}; a second call does only what is missing.
Options:
  --cmd CMD            where jobs run (default: $cmd)
  --targets LIST       labels of the corpus (default: $targets)
  --num-points N       how many widths, from the widest down (default: $num_points)
  --train-config FILE  settings of the training (default: $train_config)
  --opts OPTS          more of them; python3 local/figure1_train.py --help lists them"
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
. utils/parse_options.sh
if [ $# -ne 2 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

data=$1 exp=$2
for target in $targets; do
  for set in train dev; do
    [ -f "$data/$set/$target.scp" ] || {
      echo "$0: no such file $data/$set/$target.scp; stage 0 makes it ($data/$set holds: $(cd "$data/$set" && echo *.scp))" >&2
      exit 1
    }
  done
done
for target in $targets; do
  $cmd JOB=1:$num_points "$exp/figure1/log/$target.JOB.log" \
    python3 local/figure1_train.py --config="$train_config" $opts --target=$target --job=JOB \
    "$data/train" "$data/dev" "$exp/figure1/$target.JOB.json"
done
python3 local/figure1.py "$exp"

#!/usr/bin/env bash
# Leave one speaker out: trains without each labelled speaker in turn, predicts them, and scores all predictions as one.
# A killed one goes on where it was; what is up to date is not trained again.

# Begin configuration section.
cmd=run.py
num_runs=2
num_dev=4                  # speakers for early stopping: the next ones in the circle of speakers
sets="train dev test"      # those of them that have labels
conf_dirs=conf             # as in steps/train.sh
opts=                      # options of cer.bin.train; they win over the configurations
# End configuration section.

help_message="Usage: $0 [options] <arch> <target> <data> <dir>
e.g.: $0 downup arousal data/synth exp/synth/leave_one_out/downup_arousal
<data> holds the data directories train, dev and test. Leaves <dir>/leave_one_out.md, score.json, predict_all/ and
<dir>/<speaker>/: its data, run<N> and predict.
Options:
  --cmd CMD                where jobs run (default: $cmd)
  --num-runs N             trainings of each fold, from different initial weights (default: $num_runs)
  --num-dev N              speakers of each fold's dev set, for early stopping (default: $num_dev)
  --sets LIST              data directories to take speakers from, where they have labels (default: $sets)
  --conf-dirs LIST         folders of <arch>.conf and <arch>.<target>.conf (default: $conf_dirs)
  --opts OPTS              options of the training, over those of the configurations"
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
. utils/parse_options.sh
if [ $# -ne 4 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

arch=$1 target=$2 data=$3 dir=$4
[[ $dir != *JOB* ]] || { echo "$0: found the folder $dir, expected one without JOB in its path" >&2; exit 1; }
if [[ " $opts" =~ \ --(arch|target|srand)(=|\ |$) ]]; then
  echo "$0: found --${BASH_REMATCH[1]} in --opts: it is chosen by this script; each run has its number for a seed" >&2
  exit 1
fi
[ -f "cer/models/$arch.py" ] || { echo "$0: no such file cer/models/$arch.py; there are: $(cd cer/models && echo *.py)" >&2; exit 1; }
configs=()
for conf_dir in $conf_dirs; do
  for f in "$conf_dir/$arch.conf" "$conf_dir/$arch.$target.conf"; do
    [ ! -f "$f" ] || configs+=("$f")
  done
done
sources=()
for set in $sets; do
  [ -f "$data/$set/$target.scp" ] || continue
  for f in feats.scp cmvn.scp utt2spk label_shift; do
    [ -f "$data/$set/$f" ] || { echo "$0: no such file $data/$set/$f; stages 0 to 2 of run.sh make it" >&2; exit 1; }
  done
  sources+=("$data/$set")
done
if [ ${#sources[@]} -eq 0 ]; then
  echo "$0: no $target.scp in any of $data/{${sets// /,}}; stage 0 of run.sh makes it" >&2
  exit 1
fi

# All labelled utterances as one directory, and each fold's sets as lines of it.
all=$dir/data/all
utils/combine_data.sh "$dir/data/combined" "${sources[@]}"
utils/subset_data_dir.sh --utt-list "$dir/data/combined/$target.scp" "$dir/data/combined" "$all"
speakers=$(python3 local/leave_one_out_folds.py --num-dev=$num_dev "$all" "$dir")
for speaker in $speakers; do
  for set in train dev test; do
    utils/subset_data_dir.sh --spk-list "$dir/$speaker/$set.list" "$all" "$dir/$speaker/data/$set" > /dev/null
  done
done

# One line a job: train one run of one fold, and stamp what it was made from.
read -ra options <<< "$opts"
for speaker in $speakers; do
  fold=("$dir/$speaker/data/train" "$dir/$speaker/data/dev")
  inputs=("${configs[@]}")
  for set in "${fold[@]}"; do
    inputs+=("$set"/{feats.scp,cmvn.scp,utt2spk,"$target.scp",label_shift})
  done
  for run in $(seq $num_runs); do
    folder=$dir/$speaker/run$run
    stamp=("$folder/.done" "${inputs[@]}" "$folder/final.pt" -- "$arch" "$target" "${options[@]}")
    if unchanged.py "${stamp[@]}"; then continue; fi
    train_it=(python3 -m cer.bin.train "--arch=$arch" "--target=$target" "${configs[@]/#/--config=}" "--srand=$run"
      "${options[@]}" "${fold[@]}" "$folder")
    echo "$(printf '%q ' "${train_it[@]}")&& $(printf '%q ' unchanged.py --write "${stamp[@]}")"
  done
done > "$dir/jobs"
num_jobs=$(wc -l < "$dir/jobs")
num_folds=$(wc -w <<< "$speakers")
echo "$0: $dir: $((num_folds * num_runs - num_jobs)) of $((num_folds * num_runs)) trainings are up to date"
[ $num_jobs -eq 0 ] ||
  $cmd JOB=1:$num_jobs "$dir/log/train.JOB.log" utils/run_line.sh "$dir/jobs" JOB

for speaker in $speakers; do
  predict=(steps/predict.sh --nj 1 --num-runs "$num_runs")
  predict+=("$dir/$speaker/data/test" "$dir/$speaker" "$dir/$speaker/predict")
  printf '%q ' "${predict[@]}"
  echo
done > "$dir/jobs.predict"
$cmd JOB=1:$num_folds "$dir/log/predict.JOB.log" utils/run_line.sh "$dir/jobs.predict" JOB

# The held-out predictions of all folds, run by run and their mean, as if they were one system's.
out=$dir/predict_all
rm -rf "$out"/run*
for part in . $(seq -f run%g $num_runs); do
  mkdir -p "$out/$part"
  for speaker in $speakers; do cat "$dir/$speaker/predict/$part/output.scp"; done | sort > "$out/$part/output.scp"
done
cp "$dir/$(head -n 1 <<< "$speakers")/predict/predictions.json" "$out/predictions.json"
steps/score.sh --system "$arch" --set leave_one_out "$all" "$out"
python3 local/leave_one_out_table.py --num-dev=$num_dev "$all" "$dir"

#!/usr/bin/env bash
# Leave-one-speaker-out evaluation: trains without each labelled speaker in turn, predicts that speaker, and scores all
# predictions together. A killed call resumes; what is up to date is not trained again.

. "$(dirname "$0")/../utils/as_one.sh"
only_here

# Begin configuration section.
cmd=run.py                 # where jobs run
num_runs=2                 # runs of each fold, with different initial weights
num_dev=4                  # speakers in each fold's dev set, for early stopping: the next ones, cyclically
sets="train dev test"      # data directories to take speakers from, if they have labels
conf_dirs=conf             # folders with <arch>.conf and <arch>.<target>.conf
opts=                      # training options that override the configurations
use_gpu=false              # train on GPUs, requested from cmd with --gpu 1
num_gpus=1                 # number of GPUs, each of which trains its share of all runs in one process
# End configuration section.

help_message="Usage: $0 [options] <arch> <target> <data> <dir>
e.g.: $0 downup arousal data/synth exp/synth/leave_one_out/downup_arousal
<data> contains the data directories train, dev and test. If <dir> is called <system>_<target>, the scores name that
system, otherwise <arch>. Writes <dir>/score.json, <dir>/predict_all/, a section for the
reports in <dir>/sections/, and for each fold <dir>/<speaker>/ with data, run<N> and predict."
. steps/start.sh

arch=$1 target=$2 data=$3 dir=$4
[ -f "cer/models/$arch.py" ] || fail "no such file cer/models/$arch.py; there are: $(cd cer/models && echo [a-z]*.py)"
sources=()
for set in $sets; do
  [ -f "$data/$set/$target.scp" ] || continue
  for f in feats.scp cmvn.scp utt2spk label_shift; do need "$data/$set/$f" "stages 0 to 2 of run.sh make it"; done
  sources+=("$data/$set")
done
if [ ${#sources[@]} -eq 0 ]; then fail "no $target.scp in any of $data/{${sets// /,}}; stage 0 of run.sh makes it"; fi

alone "$dir/.lock"
# One directory with all labelled utterances, then subsets of it for each fold.
all=$dir/data/all
utils/combine_data.sh "$dir/data/combined" "${sources[@]}"
utils/subset_data_dir.sh --utt-list "$dir/data/combined/$target.scp" "$dir/data/combined" "$all"
folds=$(python3 -m local.leave_one_out.folds --num-dev=$num_dev "$all" "$dir")
mapfile -t speakers <<< "$folds"
for speaker in "${speakers[@]}"; do
  for set in train dev test; do
    printf '%q ' utils/subset_data_dir.sh --spk-list "$dir/$speaker/$set.list" "$all" "$dir/$speaker/data/$set"
    echo
  done
done | side_by_side.py > /dev/null

check=true # checks the options with the first fold, before jobs are submitted
lines=$(for speaker in "${speakers[@]}"; do
  printf '%q ' steps/train.sh --list true --check $check --num-runs $num_runs --conf-dirs "$conf_dirs" --use-gpu $use_gpu \
    --opts "$opts" "$arch" "$target" "$dir/$speaker/data/train" "$dir/$speaker/data/dev" "$dir/$speaker"
  echo
  check=false
done | side_by_side.py)
$use_gpu || num_gpus=0
[ -z "$lines" ] || utils/run_lines.sh --cmd "$cmd" --num-gpus "$num_gpus" - "$dir/log/train.JOB.log" <<< "$lines"

lines=$(for speaker in "${speakers[@]}"; do
  printf '%q ' steps/predict.sh --list true --num-runs "$num_runs" "$dir/$speaker/data/test" "$dir/$speaker" "$dir/$speaker/predict"
  echo
done | side_by_side.py | once.py --stale)
[ -z "$lines" ] || utils/run_lines.sh --cmd "$cmd" - "$dir/log/predict.JOB.log" <<< "$lines"

# Joins the held-out predictions of all folds, for each run and for their mean, as the predictions of one system.
out=$dir/predict_all
folds=("${speakers[@]/#/$dir/}")
python3 -m local.leave_one_out.join "$out" "${folds[@]/%//predict}"
system=$(basename "$dir")
[[ $system == ?*_$target ]] && system=${system%"_$target"} || system=$arch
steps/score.sh --system "$system" --set leave_one_out "$all" "$out"
python3 -m local.leave_one_out.table --num-dev=$num_dev "$all" "$dir"

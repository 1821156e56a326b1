#!/usr/bin/env bash
# Searches hyper-parameters on dev: trains every trial of a plan as one array of jobs, and ranks them by their dev CCC.
# What has been trained stays: a plan that grew trains only what is new, a killed search goes on where it was.

# Begin configuration section.
cmd=run.py
num_runs=2
nj=2
name=                      # in the report's heading (default: the plan's file name)
num_samples=0              # draw so many points of the plan; 0: all
seed=1                     # of the drawing
conf_dirs=conf             # as in steps/train.sh: what every trial starts from
opts=                      # options of every training; a trial's own win over them
# End configuration section.

help_message="Usage: $0 [options] <plan-file> <arch> <target> <train-data-dir> <dev-data-dir> <dir>
e.g.: $0 conf/search/learning-rate.conf downup arousal data/synth/train data/synth/dev exp/synth/search/downup_arousal
      $0 --num-samples 40 conf/search/downup.conf downup arousal data/synth/train data/synth/dev exp/synth/search/wide
A plan lists the values to try, an option a line; see conf/search/.
Leaves <dir>/search.md, search.tsv, the winner's <dir>/best.conf, and <dir>/<options of the trial>/run<N>/.
Options:
  --cmd CMD                where jobs run (default: $cmd)
  --num-runs N             trainings of each trial, from different initial weights (default: $num_runs)
  --nj N                   jobs at once (default: $nj)
  --name NAME              in the report's heading (default: the plan's file name)
  --num-samples N          draw so many points of the plan, not all; a larger N keeps those of a smaller one
  --seed N                 of the drawing (default: $seed)
  --conf-dirs LIST         folders of <arch>.conf and <arch>.<target>.conf (default: $conf_dirs)
  --opts OPTS              options of every training, before those of the trial"
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
. utils/parse_options.sh
if [ $# -ne 6 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

plan=$1 arch=$2 target=$3 train=$4 dev=$5 dir=$6
[[ $dir != *JOB* ]] || { echo "$0: found the folder $dir, expected one without JOB in its path" >&2; exit 1; }
if [[ " $opts" =~ \ --(arch|target|srand)(=|\ |$) ]]; then
  echo "$0: found --${BASH_REMATCH[1]} in --opts: it is chosen by this script; each run has its number for a seed" >&2
  exit 1
fi
configs=()
for conf_dir in $conf_dirs; do
  for f in "$conf_dir/$arch.conf" "$conf_dir/$arch.$target.conf"; do
    [ ! -f "$f" ] || configs+=("$f")
  done
done
inputs=("${configs[@]}")
for f in {"$train","$dev"}/{feats.scp,cmvn.scp,utt2spk,"$target.scp",label_shift}; do
  [ -f "$f" ] || { echo "$0: no such file $f; stages 0 to 2 of run.sh make it" >&2; exit 1; }
  inputs+=("$f")
done

mkdir -p "$dir"
python3 local/search_plan.py --arch=$arch "${configs[@]/#/--base=}" --num-samples=$num_samples --seed=$seed "$plan" \
  > "$dir/trials.new"
mv "$dir/trials.new" "$dir/trials"

# One line a job: train, keep the time it took if it was trained in one go, stamp what it was made from.
read -ra common <<< "$opts"
while read -ra words; do
  options=("${common[@]}" "${words[@]:1}")
  for run in $(seq $num_runs); do
    folder=$dir/${words[0]}/run$run
    stamp=("$folder/.done" "${inputs[@]}" "$folder/final.pt" -- "$arch" "$target" "${options[@]}")
    if unchanged.py "${stamp[@]}"; then continue; fi
    rm -f "$folder/.done"
    keep_time=("echo" "\$SECONDS" ">" "$(printf %q "$folder/seconds")" "&& ")
    if [ -e "$folder/checkpoint.pt" ] || [ -e "$folder/final.pt" ]; then keep_time=(); fi
    train_it=(python3 -m cer.bin.train "--arch=$arch" "--target=$target" "${configs[@]/#/--config=}" "--srand=$run"
      "${options[@]}" "$train" "$dev" "$folder")
    stamp_it=$(printf '%q ' unchanged.py --write "${stamp[@]}")
    echo "SECONDS=0; $(printf '%q ' "${train_it[@]}")&& ${keep_time[*]}$stamp_it"
  done
done < "$dir/trials" > "$dir/jobs"

num_jobs=$(wc -l < "$dir/jobs")
total=$(($(wc -l < "$dir/trials") * num_runs))
echo "$0: $dir: $((total - num_jobs)) of $total trainings are up to date"
rm -rf "$dir/log" # logs belong to the jobs of the same number
if [ $num_jobs -gt 0 ]; then
  $cmd --max-jobs-run $nj JOB=1:$num_jobs "$dir/log/search.JOB.log" utils/run_line.sh "$dir/jobs" JOB || {
    status=$?
    [ $status -eq 1 ] || exit $status # stopped by the user
    echo "$0: some trainings failed; they stand in the table as such"
  }
fi
[ -n "$name" ] || name=$(basename "$plan" .conf)
python3 local/search_table.py --name="$name: $arch, $target" --num-runs=$num_runs --arch=$arch "$dir" "$plan"

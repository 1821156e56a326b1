#!/usr/bin/env bash
# Predictions of every run of a model, and their mean, for any data directory with features and CMVN statistics.

# Begin configuration section.
nj=4
cmd=run.py
num_runs=                  # all
list=false                 # only print this command if there is something to do, for utils/run_lines.sh
# End configuration section.

help_message="Usage: $0 [options] <data-dir> <model-dir> <output-dir>
e.g.: $0 data/synth/dev exp/synth/downup/arousal exp/synth/downup/arousal/predict_dev
Leaves the mean of the runs in <output-dir>/output.scp and csv/<utterance>.csv, and each run's in <output-dir>/run<N>/.
Options:
  --nj N                       number of jobs (default: $nj)
  --cmd CMD                    where jobs run (default: $cmd)
  --num-runs N                 use only run1 to runN (default: all)"
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -ne 3 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

data=$1 model=$2 out=$3
for stage_and_file in 1:feats.scp 2:cmvn.scp 0:utt2spk; do
  f=$data/${stage_and_file#*:}
  [ -f "$f" ] || { echo "$0: no such file $f; stage ${stage_and_file%%:*} makes it" >&2; exit 1; }
done
mapfile -t weights < <(printf '%s\n' "$model"/run*/final.pt | sort -V | head -n "${num_runs:-1000000}")
[ -f "${weights[0]}" ] || weights=("$model/final.pt")
[ -f "${weights[0]}" ] || { echo "$0: no such file $model/run1/final.pt; stage 3 (steps/train.sh) makes it" >&2; exit 1; }
if [ ${#weights[@]} -lt "${num_runs:-1}" ]; then
  echo "$0: found ${#weights[@]} trained runs in $model, expected $num_runs; stage 3 trains the rest, or --num-runs ${#weights[@]}" >&2
  exit 1
fi

inputs=("$data/feats.scp" "$data/cmvn.scp" "$data/utt2spk" "${weights[@]}" "$model/postprocess.json" "$out/output.scp")
if unchanged.py "$out/.done" "${inputs[@]}" -- $num_runs; then
  echo "$0: $out is up to date" >&2
  exit 0
fi
if $list; then
  printf '%q ' "$0" --nj 1 ${num_runs:+--num-runs $num_runs} "$data" "$model" "$out"
  echo
  exit 0
fi
num_utts=$(wc -l < "$data/feats.scp")
if [ "$nj" -gt "$num_utts" ]; then nj=$num_utts; fi
rm -f "$out"/output.*.scp "$out"/run*/output.*.scp # so that none of an earlier call is taken for this one's
$cmd JOB=1:$nj "$out/log/predict.JOB.log" \
  "$root/utils/python.sh" -m cer.bin.predict --part=JOB/$nj ${num_runs:+--num-runs=$num_runs} "$data" "$model" "$out"

echo $nj > "$out/num_jobs"
for folder in "$out" "$out"/run*/; do
  if [ "$folder" = "$out" ] || [[ " ${weights[*]} " == *"/$(basename "$folder")/final.pt "* ]]; then
    for n in $(seq $nj); do cat "$folder/output.$n.scp"; done > "$folder/output.scp.tmp"
    mv "$folder/output.scp.tmp" "$folder/output.scp"
  else
    rm -r "$folder" # predictions of a run that is not used any more
  fi
done
unchanged.py --write "$out/.done" "${inputs[@]}" -- $num_runs
echo "$0: wrote predictions for $(wc -l < "$out/output.scp") utterances to $out/output.scp and $out/csv"

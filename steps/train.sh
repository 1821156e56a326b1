#!/usr/bin/env bash
# Trains several runs of an architecture on one target, as an array of jobs. A killed run goes on where it was.

# Begin configuration section.
cmd=run.py
num_runs=5
conf_dirs=                 # of <arch>.conf, then <arch>.<target>.conf; what is read later wins; default: our conf/
opts=                      # options of cer.bin.train; they win over the configurations
# End configuration section.

help_message="Usage: $0 [options] <arch> <target> <train-data-dir> <dev-data-dir> <model-dir>
e.g.: $0 --num-runs 5 downup arousal data/synth/train data/synth/dev exp/synth/downup/arousal
Options:
  --cmd CMD                where jobs run (default: $cmd)
  --num-runs N             trainings from different initial weights (default: $num_runs)
  --conf-dirs LIST         folders of <arch>.conf and <arch>.<target>.conf (default: the conf/ beside steps/)
  --opts OPTS              options of the training, over those of the configurations;
                           python3 -m cer.bin.train --arch <arch> --help lists them"
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -ne 5 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

arch=$1 target=$2 train=$3 dev=$4 dir=$5
if [[ " $opts" =~ \ --(arch|target|srand)(=|\ |$) ]]; then
  echo "$0: found --${BASH_REMATCH[1]} in --opts: it is chosen by this script; each run has its number for a seed" >&2
  exit 1
fi
configs=()
for conf_dir in ${conf_dirs:-"$root/conf"}; do
  for f in "$conf_dir/$arch.conf" "$conf_dir/$arch.$target.conf"; do
    [ ! -f "$f" ] || configs+=("$f")
  done
done
inputs=("${configs[@]}")
for data in "$train" "$dev"; do
  for stage_and_file in 1:feats.scp 2:cmvn.scp 0:utt2spk 0:$target.scp 0:label_shift; do
    f=$data/${stage_and_file#*:}
    [ -f "$f" ] || {
      echo "$0: no such file $f; stage ${stage_and_file%%:*} makes it ($data holds: $(cd "$data" && echo *.scp))" >&2
      exit 1
    }
    inputs+=("$f")
  done
done

# The stamp of a run depends on its inputs, its options and the weights that it left. Each job writes its own, so that
# what has finished is known even when others fail.
first=1
while [ $first -le $num_runs ] &&
  unchanged.py "$dir/run$first/.done" "${inputs[@]}" "$dir/run$first/final.pt" -- "$arch" "$target" $opts; do
  first=$((first + 1))
done
if [ $first -gt 1 ]; then echo "$0: $dir: runs 1 to $((first - 1)) are up to date"; fi
if [ $first -gt $num_runs ]; then exit 0; fi

mkdir -p "$dir/log"
$cmd RUN=$first:$num_runs "$dir/log/train.RUN.log" \
  "$root/utils/python.sh" -m cer.bin.train --arch=$arch --target=$target "${configs[@]/#/--config=}" --srand=RUN $opts \
  "$train" "$dev" "$dir/runRUN" \&\& \
  "$root/utils/python.sh" "$root/utils/unchanged.py" --write "$dir/runRUN/.done" \
  "${inputs[@]}" "$dir/runRUN/final.pt" -- "$arch" "$target" $opts
grep -h -e "of epoch" -e "^label delay" $(seq -f "$dir/log/train.%g.log" $first $num_runs)

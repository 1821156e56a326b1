#!/usr/bin/env bash
# Trains several runs of an architecture on one target, as an array of jobs. Killed runs resume from their checkpoints.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
cmd=run.py                 # where jobs run
num_runs=5                 # number of runs, with different initial weights
conf_dirs=                 # folders with <arch>.conf and <arch>.<target>.conf, read in this order; later files override
                           # earlier ones (default: the conf/ beside steps/)
opts=                      # training options that override the configurations;
                           # python3 -m cer.bin.train --arch <arch> --help lists them
use_gpu=false              # train on GPUs, requested from cmd with --gpu 1
num_gpus=1                 # number of GPUs, each of which trains its share of the runs in one process
check=true                 # check the options before jobs are submitted
list=false                 # only print the commands of the runs that are not up to date, one per line, so that
                           # utils/run_lines.sh can train the runs of many systems as one array
# End configuration section.

help_message="Usage: $0 [options] <arch> <target> <train-data-dir> <dev-data-dir> <model-dir>
e.g.: $0 --num-runs 5 downup arousal data/synth/train data/synth/dev exp/synth/downup/arousal
Writes <model-dir>/run<N>/ and log/train.<N>.log."
. "$(dirname "$0")/start.sh"

arch=$1 target=$2 train_data=$3 dev_data=$4 dir=$5
if [[ " $opts" =~ \ --(arch|target|srand)(=|\ |$) ]]; then
  fail "found --${BASH_REMATCH[1]} in --opts: this script sets it; the number of a run is its seed"
fi
read -ra options <<< "$opts"
for opt in "${options[@]}"; do
  [[ $opt == --?*=* ]] || fail "--opts: found '$opt', expected words --name=value"
done
[ -f "$root/cer/models/$arch.py" ] ||
  fail "found the architecture '$arch', expected one of: $(cd "$root/cer/models" && echo [a-z]*.py)"
for file in wav.scp feats.scp utt2spk; do
  [ ! -e "$dir/$file" ] || fail "$dir: found a data directory, expected the folder of a system, or a new one"
done
mapfile -t configs < <(configs_of "$arch" "$target" "$conf_dirs")
[ -z "$conf_dirs" ] || [ ${#configs[@]} -gt 0 ] || fail "--conf-dirs: found no $arch.conf in '$conf_dirs', expected one"
order=() # where several folders have configurations, their order counts: the last value of an option is taken
[ "$(printf '%s\n' "${configs[@]%/*}" | sort -u | wc -l)" -eq 1 ] || order=("${configs[@]}")
mapfile -t named < <(files_in_options "${options[@]}")
inputs=("${configs[@]}" "${named[@]}")
for data in "$train_data" "$dev_data"; do
  for stage_and_file in 1:feats.scp 2:cmvn.scp 0:utt2spk 0:$target.scp 0:label_shift; do
    need_in "$data" "${stage_and_file#*:}" "${stage_and_file%%:*}"
  done
  mapfile -t rows < <(sources_of_rows "$data" "$arch")
  inputs+=("${rows[@]}" "$data"/{"$target.scp",label_shift,corpora,targets}) # the last two for model.json
  for f in "$data"/conf/*.conf; do # of the front end
    [ ! -f "$f" ] || inputs+=("$f")
  done
done

python=$root/utils/python.sh
train=("$python" -m cer.bin.train "--arch=$arch" "--target=$target" "${configs[@]/#/--config=}" "--use-gpu=$use_gpu" "${options[@]}")
made_from=(--in "${inputs[@]}" --opt "$arch" "$target" "${options[@]}" "${order[@]}"
  --code "$root/cer/bin/train.py" "$root/cer/models/$arch.py")
# Each run has its own stamp, so that finished runs count even if others fail.
stale=$(for run in $(seq $num_runs); do
  printf '%q ' "$python" "$root/utils/once.py" "$dir/.done.run$run" "${made_from[@]}" --out "$dir/run$run"/{final.pt,model.json} \
    --log "$dir/log/train.$run.log" -- "${train[@]}" "--srand=$run" "$train_data" "$dev_data" "$dir/run$run"
  echo
done | once.py --stale)
mapfile -t lines < <(printf %s "$stale${stale:+$'\n'}")
done_already=$((num_runs - ${#lines[@]}))
[ $done_already -eq 0 ] || echo "$0: $dir: $done_already of $num_runs runs are up to date" >&2
[ ${#lines[@]} -gt 0 ] || exit 0

if $check; then "${train[@]}" --check "$train_data" "$dev_data" "$dir" >&2; fi
make_folder "$dir/log"
if $list; then
  printf '%s\n' "${lines[@]}"
  exit 0
fi
$use_gpu || num_gpus=0
printf '%s\n' "${lines[@]}" | "$root/utils/run_lines.sh" --cmd "$cmd" --num-gpus "$num_gpus" - "$dir/log/job.JOB.log"
results_of_runs "$dir" "$num_runs"

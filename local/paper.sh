#!/usr/bin/env bash
# Reproduces all results of the paper on any corpus: the systems of Tables 1 and 2, the figures and the statistics
# -> exp/<corpus>/RESULTS.md. Finished work is not repeated.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
corpus=synth               # a folder of egs/
corpus_dir=                # folder of the corpus
corpus_opts=               # options of its preparation
corpus_affix=              # use data/<corpus>_<affix> and exp/<corpus>_<affix>
cmd=run.py                 # where jobs run
num_runs=5                 # runs of each network
num_runs_recurrent=        # runs of recurrent networks, which are the slowest (default: num_runs)
nets="dilated downup single dnn" # networks without recurrent layers
recurrent="blstm end_to_end" # recurrent networks
solved="linear_stacking linear_statistics svr sparse_coding" # models with a deterministic solution: one run each
with_delay="linear_statistics svr dilated downup" # systems to train also with the label delay found on the training set
figure1=true               # also run local/figure1.sh
efficiency=true            # also run local/benchmark/ratios.py; the machine should be idle
leave_one_out=             # architectures for local/leave_one_out.sh, the slowest experiment (default: none)
# End configuration section.

help_message="Usage: $0 [options]
e.g.: $0                                          # on the open corpus
      $0 --corpus recola --corpus-dir /data/RECOLA"
printf '%q ' "$0" "$@"; echo # Print the command line for logging
. utils/parse_options.sh
. utils/check_arguments.sh
set -euo pipefail

delayed='' delayed_solved=''
name=$corpus${corpus_affix:+_$corpus_affix}
data=data/$name exp=exp/$name
run() { # arguments: architectures, then options of ./run.sh
  ./run.sh --corpus "$corpus" --corpus-dir "$corpus_dir" --corpus-opts "$corpus_opts" --corpus-affix "$corpus_affix" \
    --cmd "$cmd" --archs "$@"
}
later() { run "$@" --stage 3 --stop-stage 5; }

[ -n "$nets" ] || { echo "$0: --nets: expected at least one; --recurrent, --solved and --with-delay may be empty" >&2; exit 1; }
run "$nets" --num-runs $num_runs --stop-stage 5 --postprocess "chain gaussian"
[ -z "$recurrent" ] || later "$recurrent" --num-runs "${num_runs_recurrent:-$num_runs}"
[ -z "$solved" ] || later "$solved" --num-runs 1
for arch in $with_delay; do
  case " $solved " in *" $arch "*) delayed_solved+=" $arch" ;; *) delayed+=" $arch" ;; esac
done
[ -z "$delayed" ] || later "$delayed" --num-runs $num_runs --affix delay --train-opts "--config=conf/delay.conf"
[ -z "$delayed_solved" ] || later "$delayed_solved" --num-runs 1 --affix delay --train-opts "--config=conf/delay.conf"
. ./path.sh
for arch in $with_delay; do
  python3 local/results/compare.py "$data" "$exp" --systems "$arch" "${arch}_delay"
done
for arch in $nets; do
  python3 local/results/compare.py "$data" "$exp" --systems "$arch" "${arch}_chain" "${arch}_gaussian"
done
python3 local/paper/ceiling.py "$data" "$exp"
if $efficiency; then python3 local/benchmark/ratios.py --data "$data" --exp "$exp" --section dilated downup32 downup128 conv1d blstm; fi
if $figure1; then local/figure1.sh --cmd "$cmd" "$data" "$exp"; fi
for arch in $leave_one_out; do
  for target in arousal valence; do
    local/leave_one_out.sh --cmd "$cmd" --num-runs 1 "$arch" $target "$data" "$exp/leave_one_out/${arch}_$target"
  done
done
run "$nets $recurrent" --stage 6

#!/usr/bin/env bash
# Everything that the paper reports and compares with, on any corpus: every system of Tables 1 and 2, the figures, the
# statistics -> exp/<corpus>/RESULTS.md. What is finished is not done again.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
corpus=synth               # a folder of egs/
corpus_dir=                # where the corpus lies
corpus_opts=               # options of its preparation
corpus_affix=              # names data/ and exp/ apart for a variation of the corpus
cmd=run.py                 # where jobs run
num_runs=5                 # trainings of each net
num_runs_recurrent=        # of nets with recurrent layers, the slowest (default: as many)
nets="dilated downup single dnn" # trained from random weights
recurrent="blstm end_to_end" # nets with recurrent layers
solved="linear_stacking linear_statistics svr sparse_coding" # solved at once: one run says all
with_delay="linear_statistics svr dilated downup" # once more with the delay that the training set shows
figure1=true               # also local/figure1.sh
efficiency=true            # also local/benchmark/training.py, on an otherwise idle machine
leave_one_out=             # also local/leave_one_out.sh, the slowest experiment, with this architecture (default: not)
# End configuration section.

help_message="Usage: $0 [options]
e.g.: $0                                          # on the open corpus
      $0 --corpus recola --corpus-dir /data/RECOLA"
echo "$0 $*" # Print the command line for logging
. utils/parse_options.sh
if [ $# -ne 0 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

delayed='' delayed_solved=''
name=$corpus${corpus_affix:+_$corpus_affix}
data=data/$name exp=exp/$name
run() { # what to train, then options of ./run.sh
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
if $efficiency; then python3 local/benchmark/training.py --exp "$exp" "$data"; fi
if $figure1; then local/figure1.sh --cmd "$cmd" "$data" "$exp"; fi
for arch in $leave_one_out; do
  for target in arousal valence; do
    local/leave_one_out.sh --cmd "$cmd" --num-runs 1 "$arch" $target "$data" "$exp/leave_one_out/${arch}_$target"
  done
done
run "$nets $recurrent" --stage 6

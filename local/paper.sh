#!/usr/bin/env bash
# Reproduces all results of the paper on any corpus: the systems of Tables 1 and 2, the figures and the statistics
# -> exp/<corpus>/RESULTS.md. It first prints what differs from the paper's corpus, and all commands with the time and
# the disk space that they need.
# Finished work is not repeated, so a killed call goes on where it stopped.

. "$(dirname "$0")/../utils/as_one.sh"
only_here

# Begin configuration section.
corpus=synth               # a folder of egs/
corpus_dir=                # folder of the corpus
corpus_opts=               # options of its preparation
corpus_affix=              # use data/<corpus>_<affix> and exp/<corpus>_<affix>
targets=                   # labels to learn (default: all that the corpus has)
dry_run=false              # only check the corpus and list the commands with time and disk; writes nothing
cmd=run.py                 # where jobs run
use_gpu=false              # train on GPUs, requested from cmd with --gpu 1
num_gpus=1                 # number of GPUs, each of which trains its share of all runs in one process
num_runs=5                 # runs of each network
num_runs_recurrent=        # runs of recurrent networks, which are the slowest (default: as --num-runs)
nets="dilated downup single dnn" # networks without recurrent layers
recurrent="blstm end_to_end" # recurrent networks
solved="linear_stacking linear_statistics svr sparse_coding" # models that are solved directly: one run each
with_delay="linear_statistics svr dilated downup" # of these, systems to train also with a label delay
postprocess="chain gaussian" # post-processing of the networks without recurrent layers
questions=                 # pairs of systems to compare, e.g. "downup:dilated single:dnn" (default: those of the paper's claims)
train_opts=                # further options of all networks' trainings, e.g. "--max-epochs=3" for a trial
figure1=true               # also run local/figure1.sh
figure1_opts=              # options of local/figure1.sh, e.g. "--num-points 3 --opts --max-epochs=3" for a trial
efficiency=true            # also run local.benchmark.ratios; the machine should be idle
leave_one_out=             # architectures for local/leave_one_out.sh, the slowest experiment (default: none)
# End configuration section.

help_message="Usage: $0 [options]
e.g.: $0                                          # on the open corpus
      $0 --corpus recola --corpus-dir /data/RECOLA --dry-run true # what would be done, and how long it takes
      $0 --corpus recola --corpus-dir /data/RECOLA"
. utils/parse_options.sh
. utils/check_arguments.sh
echo "$COMMAND_LINE" # for the log
set -euo pipefail
shopt -s inherit_errexit

name=$corpus${corpus_affix:+_$corpus_affix}
data=data/$name exp=exp/$name
check=egs/$corpus/check_paper.py # of the paper's own corpus
delay=--config=conf/delay.conf
# Few, since each p value is corrected for the number of pairs.
claims="downup:dilated downup:blstm dilated:blstm downup_delay:downup dilated_delay:dilated downup_chain:downup dilated_chain:dilated"
gpus=()
if $use_gpu; then gpus=(--use-gpu true --num-gpus "$num_gpus"); fi

# Prints a command, quoted for the shell.
say() { local words; printf -v words '%q ' "$@"; echo "${words% }"; }
run() { # arguments: architectures, number of runs, options of their training, then options of ./run.sh
  local corpus_words=()
  for option in corpus_dir corpus_opts corpus_affix targets; do
    [ -z "${!option}" ] || corpus_words+=("--${option/_/-}" "${!option}")
  done
  say ./run.sh --corpus "$corpus" "${corpus_words[@]}" --cmd "$cmd" "${gpus[@]}" --archs "$1" --num-runs "$2" ${3:+--train-opts "$3"} "${@:4}"
}

# Prints all commands, in order.
plan() {
  local arch method target pair left_out pairs=() systems=" $nets $recurrent $solved " delayed='' delayed_solved=''
  for arch in $with_delay; do
    case " $solved " in *" $arch "*) delayed_solved+=" $arch" ;; esac
    case " $nets $recurrent " in *" $arch "*) delayed+=" $arch" ;; esac
  done
  run "$nets" "$num_runs" "$train_opts" --stop-stage 5 ${postprocess:+--postprocess "$postprocess"}
  [ -z "$recurrent" ] || run "$recurrent" "${num_runs_recurrent:-$num_runs}" "$train_opts" --stage 3 --stop-stage 5
  [ -z "$solved" ] || run "$solved" 1 '' --stage 3 --stop-stage 5
  [ -z "$delayed" ] || run "${delayed# }" "$num_runs" "$delay${train_opts:+ $train_opts}" --stage 3 --stop-stage 5 --affix delay
  [ -z "$delayed_solved" ] || run "${delayed_solved# }" 1 "$delay" --stage 3 --stop-stage 5 --affix delay
  for arch in $delayed $delayed_solved; do systems+="${arch}_delay "; done
  for arch in $nets; do
    for method in $postprocess; do systems+="${arch}_$method "; done
  done
  for pair in ${questions:-$claims}; do
    if [[ $systems = *" ${pair%:*} "* && $systems = *" ${pair#*:} "* ]]; then pairs+=("$pair"); fi
  done
  [ ${#pairs[@]} -eq 0 ] || say python3 -m local.results.compare "$data" "$exp" --pairs "${pairs[@]}"
  ! $efficiency || say python3 -m local.benchmark.ratios --data "$data" --exp "$exp" --section dilated downup32 downup128 conv1d blstm
  # shellcheck disable=SC2086 # options are words
  ! $figure1 || say local/figure1.sh --cmd "$cmd" "${gpus[@]}" ${targets:+--targets "$targets"} $figure1_opts "$data" "$exp"
  for arch in $leave_one_out; do
    for target in ${targets:-arousal valence}; do
      say local/leave_one_out.sh --cmd "$cmd" "${gpus[@]}" --num-runs 1 --opts "$train_opts" "$arch" "$target" "$data" "$exp/leave_one_out/${arch}_$target"
    done
  done
  read -ra left_out <<< "$leave_one_out"
  [ ${#left_out[@]} -lt 2 ] || say python3 -m local.results.compare "$data" "$exp" --set leave_one_out --systems "${left_out[@]}"
  say local/compare.sh "$data" "$exp"
}

[ -n "$nets" ] || { echo "$0: --nets: expected at least one; --recurrent, --solved and --with-delay may be empty" >&2; exit 1; }
[ -x "egs/$corpus/prepare.sh" ] || { echo "$0: --corpus: found '$corpus', there are: $(cd egs && echo */ | tr -d /)" >&2; exit 1; }
processors=$(env -u OMP_NUM_THREADS nproc)
$dry_run || utils/setup.sh
. ./path.sh
python3 -c 'import numpy' 2> /dev/null || { echo "$0: the packages are not installed yet; utils/setup.sh installs them" >&2; exit 1; }

commands=$(plan)
hours=
if [ -f "$check" ]; then
  # shellcheck disable=SC2086 # options are words
  found=$(python3 -m "egs.$corpus.check_paper" $corpus_opts "${corpus_dir:-$data/corpus}" "$data" 2>&1) || {
    status=$?
    echo "$found" >&2 # its error stands last
    exit $status
  }
  echo "$found"
  hours=${found##*hours of sound: }
fi
python3 -m local.paper.estimate ${hours:+"--hours=$hours"} "--processors=$processors" <<< "$commands"
if $dry_run; then exit 0; fi
mapfile -t lines <<< "$commands"
for line in "${lines[@]}"; do eval "$line"; done

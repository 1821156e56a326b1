#!/usr/bin/env bash
# Why do the paper's claims hold on the open corpus, or not? Tests them in other worlds: corpora whose generator has
# other constants (egs/synth/model/worlds.py) -> a section of the reports, claims x worlds. Only dev is looked at.
# Finished work is not repeated, so a killed call goes on where it stopped.

. "$(dirname "$0")/../utils/as_one.sh"
only_here

# Begin configuration section.
worlds="plain instant clear_valence no_noise no_lag no_integration noise no_talking" # names in egs/synth/model/worlds.py
corpus_opts=--duration=120 # options of the generator beside --world; the time grows with the size of the corpora
cmd=run.py                 # where jobs run
num_runs=1                 # runs of each network
train_opts=                # further options of the networks' trainings, e.g. "--max-epochs=3" for a trial
affix=                     # added to the names of the worlds' folders, e.g. for another seed
# End configuration section.

help_message="Usage: $0 [options] <exp-dir>
e.g.: $0 exp/synth
      $0 --worlds instant --num-runs 5 --corpus-opts '--seed=2 --duration=120' --affix _seed2 exp/synth
Makes data/synth_<world><affix> and exp/synth_<world><affix>. Writes <exp-dir>/worlds/dev<affix>/worlds.json, and a
section for the reports beside it."
. steps/start.sh

exp=$1 made=()
# Trains architectures "$1" in one world: number of runs, options, affix.
train() {
  steps/train_systems.sh --cmd "$cmd" --num-runs "$2" --opts "$3" --affix "$4" "$1" 'arousal valence' "$data" "$systems"
}
for world in $worlds; do
  data=data/synth_$world$affix systems=exp/synth_$world$affix
  ./run.sh --corpus synth --corpus-opts "--world=$world $corpus_opts" --corpus-affix "$world$affix" --cmd "$cmd" --stop-stage 2
  train 'downup dilated single' "$num_runs" "$train_opts" ''
  train downup "$num_runs" "--config=conf/delay.conf $train_opts" delay
  train single "$num_runs" "--config=conf/short.conf $train_opts" short
  train linear_statistics 1 '' ''
  train linear_statistics 1 --config=conf/delay.conf delay
  for system in "$systems"/*/{arousal,valence}; do # of dev only
    steps/predict.sh --list true --csv false "$data/dev" "$system" "$system/predict_dev"
  done | once.py --stale | utils/run_lines.sh --cmd "$cmd" - "$systems/log/predict.JOB.log"
  made+=("$world" "$data" "$systems")
  python3 -m local.paper.worlds "$exp/worlds/dev$affix" "${made[@]}" # of the worlds so far
done

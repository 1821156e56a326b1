#!/usr/bin/env bash
# Continuous emotion recognition from speech: recordings and annotators' traces -> arousal and valence every 40 ms.
# Khorram et al. 2017, "Capturing Long-term Temporal Dependencies with Convolutional Networks for Continuous Emotion
# Recognition". Results: egs/<corpus>/RESULTS.md

. "$(dirname "$0")/utils/as_one.sh"
cd "$(dirname "$0")" || exit 1
. ./cmd.sh

# Begin configuration section.
corpus=synth               # a folder of egs/; synth is the generated open corpus
corpus_dir=                # where the corpus lies (default: data/<corpus>/corpus, where the open one is made)
corpus_opts=               # options of its preparation, e.g. "--seed=2 --duration=60"; see egs/<corpus>/README.md
corpus_affix=              # work in data/<corpus>_<affix> and exp/<corpus>_<affix>
stage=0                    # start here: 0 prepare, 1 features, 2 cmvn, 3 train, 4 predict, 5 score, 6 compare
stop_stage=6               # end after this stage
archs=downup               # files of cer/models/, e.g. "dilated downup"
targets="arousal valence"  # labels of the corpus
features=fbank             # a file of cer/features/, e.g. egemaps, which needs openSMILE (python3 -m pip install opensmile;
                           # mind its licence): works in data/<corpus>_egemaps and calls the system <arch>_egemaps; or a
                           # name for features of your own: with --stop-stage 0 first, then put feats.scp and frame_shift
                           # into data/<corpus>_<name>/*
num_runs=5                 # trainings of each system, from different initial weights
nj=$(env -u OMP_NUM_THREADS nproc) # jobs for features, as many as processors
cmd=$train_cmd             # where jobs run, e.g. "slurm.py --mem 4G"; see cmd.sh
use_gpu=false              # train on cards: asks for one a job; without one the training fails
quiet=false                # no status line and no line a job while run.py's jobs run; failures are still said
train_opts=                # options of the training, e.g. "--learning-rate=0.0003 --l2=1e-5"
affix=                     # call the system <arch>_<affix>, so that a variation does not take the plain one's place
postprocess=               # also the systems <system>_chain (median, centring, scaling, shift) or <system>_gaussian
                           # (smoothing): a list of chain and gaussian
fit_on=train               # fit these on this set; of dev they make <system>_chain_dev, with a warning
# End configuration section.

help_message="Usage: ./run.sh [options]
e.g.: ./run.sh                                            # everything, on the open corpus
      ./run.sh --stage 3                                  # from training on
      ./run.sh --corpus recola --corpus-dir /data/RECOLA  # the licensed corpus"
. utils/parse_options.sh
set -euo pipefail
. local/run_options.sh
utils/setup.sh
. ./path.sh
check_cmd

if stage 0 "prepare: recordings and labels -> $data/{train,dev,test}"; then
  "egs/$corpus/prepare.sh" --nj "$nj" --cmd "$cmd" --opts "$corpus_opts" "$corpus_dir_here" "$data"
  replace "$data/corpus_opts" <<< "$corpus_opts" # for the commands that are kept with the systems
fi
check_data

if stage 1 "$features: features -> $data/*/feats.scp"; then
  for set in $(sets); do
    steps/make_feats.sh --features "$features" --feats-config "$feats_config" --nj "$nj" --cmd "$cmd" "$data/$set"
    utils/validate_data_dir.sh --no-text "$data/$set"
  done
fi

if stage 2 "cmvn: mean and variance of each speaker -> $data/*/cmvn.scp"; then
  for set in $(sets); do
    steps/compute_cmvn_stats.sh "$data/$set"
  done
fi

if stage 3 "train: $num_runs runs of each system -> $exp/<system>/<target>/run*"; then
  steps/train_systems.sh --cmd "$cmd" --use-gpu $use_gpu --num-runs "$num_runs" --opts "$train_opts" \
    --conf-dirs "conf egs/$corpus/conf" --affix "$variation" "$archs" "$targets" "$data" "$exp"
  keep_commands
fi

if stage 4 "predict: each run and their mean -> $exp/<system>/<target>/predict_*"; then
  steps/predict_systems.sh --cmd "$cmd" --num-runs "$num_runs" "$data" "$exp" "${systems[@]}"
  for method in $postprocess; do
    for system in "${systems[@]}"; do
      steps/postprocess.sh --method "$method" "$data/$fit_on" "$exp/$system" "$exp/$(processed_by "$method" "$system")"
    done
  done
  steps/predict_systems.sh --cmd "$cmd" --num-runs "$num_runs" "$data" "$exp" "${processed[@]}"
fi

if stage 5 "score: against the gold standard -> $exp/<system>/<target>/predict_*/score.txt, $exp/results.json"; then
  for system in "${systems[@]}" "${processed[@]}"; do
    for set in $(sets); do
      [ ! -f "$data/$set/${system#*/}.scp" ] || steps/score.sh "$data/$set" "$exp/$system/predict_$set"
    done
  done
  python3 local/results/collect_results.py "$exp"
fi

if stage 6 "compare: with each other and the paper -> $exp/RESULTS.md, $exp/report.html, $exp/figure{4,5}.{png,pdf}, $exp/compare"; then
  check_scores
  python3 local/paper/figure5.py "$data" "$exp"
  python3 local/paper/figure4.py "$data" "$exp"
  python3 local/paper/smoothness.py "$data" "$exp"
  mapfile -t names < <(printf '%s\n' "${systems[@]%/*}" | sort -u)
  [ ${#names[@]} -lt 2 ] || python3 local/results/compare.py "$data" "$exp" --systems "${names[@]}"
  python3 local/results/report.py "$exp"
  python3 local/page/report.py "$data" "$exp"
fi

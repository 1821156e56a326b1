#!/usr/bin/env bash
# Continuous emotion recognition from speech: recordings and annotators' traces -> arousal and valence every 40 ms.
# Khorram et al. 2017, "Capturing Long-term Temporal Dependencies with Convolutional Networks for Continuous Emotion
# Recognition". Results: egs/<corpus>/RESULTS.md

. "$(dirname "$0")/utils/as_one.sh"
cd "$(dirname "$0")" || exit 1
. ./cmd.sh

# Begin configuration section.
corpus=synth               # a folder of egs/; synth is the generated open corpus
corpus_dir=                # folder of the corpus (default: data/<corpus>/corpus, where the open corpus is generated)
corpus_opts=               # options of its preparation, e.g. "--seed=2 --duration=60"; see egs/<corpus>/README.md
corpus_affix=              # use data/<corpus>_<affix> and exp/<corpus>_<affix>
stage=0                    # first stage: 0 prepare, 1 features, 2 cmvn, 3 train, 4 predict, 5 score, 6 compare
stop_stage=6               # last stage
archs=downup               # files of cer/models/, e.g. "dilated downup"
targets=                   # labels to learn, e.g. "arousal valence" (default: all that the corpus has)
features=fbank             # front end: a file of cer/features/; all but fbank use data/<corpus>_<name> and name systems
                           # <arch>_<name>; egemaps needs openSMILE (python3 -m pip install opensmile; read its
                           # licence). A name without a file is for features of your own: run --stop-stage 0 first,
                           # then put feats.scp and frame_shift into data/<corpus>_<name>/*
num_runs=5                 # runs of each system, with different initial weights
nj=$(env -u OMP_NUM_THREADS nproc) # number of jobs of stages 0 and 1, one per processor
cmd=$train_cmd             # where jobs run, e.g. "slurm.py --mem 4G"; see cmd.sh
use_gpu=false              # train on GPUs; training fails if there is none
num_gpus=1                 # number of GPUs, each of which trains its share of all runs in one process
quiet=false                # no status line and no line per job from run.py; failures are still printed
train_opts=                # options of the training, e.g. "--learning-rate=0.0003 --l2=1e-5"
affix=                     # name the systems <arch>_<affix>, so that a variant does not replace the plain system
postprocess=               # add post-processed systems: a list of chain (median, centring, scaling, shift) and gaussian
                           # (smoothing); they are named <system>_chain and <system>_gaussian
fit_on=train               # set to fit post-processing on; with dev the names end in _dev, with a warning
csv=auto                   # CSV files of predictions, as in steps/predict.sh; auto: the mean's, for up to 100 utterances a set
# End configuration section.

help_message="Usage: ./run.sh [options]
e.g.: ./run.sh                                            # everything, on the open corpus
      ./run.sh --stage 3                                  # from training on
      ./run.sh --corpus recola --corpus-dir /data/RECOLA  # the licensed corpus"
. utils/parse_options.sh
set -euo pipefail
. local/run_options.sh
. local/run_stages.sh
utils/setup.sh
. ./path.sh
check_cmd
check_features

if stage 0 "prepare: recordings and labels -> $data/{train,dev,test}"; then
  "egs/$corpus/prepare.sh" --nj "$nj" --cmd "$cmd" --opts "$corpus_opts" "$corpus_dir_here" "$data"
  cmp -s - "$data/corpus_opts" <<< "$corpus_opts" || replace "$data/corpus_opts" <<< "$corpus_opts" # command_of reads it
fi
check_data

if stage 1 "$features: features -> $data/*/feats.scp"; then
  for set in $(sets); do
    steps/make_feats.sh --features "$features" --feats-config "$feats_config" --nj "$nj" --cmd "$cmd" "$data/$set"
    utils/validate_data_dir.sh --no-text "$data/$set"
  done
fi

if stage 2 "cmvn: mean and variance of each speaker -> $data/*/cmvn.scp"; then
  for set in $(sets); do steps/compute_cmvn_stats.sh "$data/$set"; done
fi

if stage 3 "train: $num_runs run$([ "$num_runs" -eq 1 ] || echo s) of each system -> $exp/<system>/<target>/run*"; then
  steps/train_systems.sh --cmd "$cmd" --use-gpu $use_gpu --num-gpus "$num_gpus" --num-runs "$num_runs" --opts "$train_opts" \
    --conf-dirs "conf egs/$corpus/conf" --affix "$variation" "$archs" "$targets" "$data" "$exp"
  keep_commands
fi

if stage 4 "predict: each run and their mean -> $exp/<system>/<target>/predict_*"; then
  steps/predict_systems.sh --cmd "$cmd" --num-runs "$num_runs" --csv "$csv" "$data" "$exp" "${systems[@]}"
  for method in $postprocess; do
    for system in "${systems[@]}"; do
      steps/postprocess.sh --method "$method" "$data/$fit_on" "$exp/$system" "$exp/$(processed_by "$method" "$system")"
    done
  done
  [ ${#processed[@]} -eq 0 ] ||
    steps/predict_systems.sh --cmd "$cmd" --num-runs "$num_runs" --csv "$csv" "$data" "$exp" "${processed[@]}"
fi

if stage 5 "score: against the gold standard -> $exp/*/*/predict_*/score.txt, $exp/results.json"; then
  pairs=()
  for system in "${systems[@]}" "${processed[@]}"; do
    for set in $(sets); do
      [ ! -f "$data/$set/${system#*/}.scp" ] || pairs+=("$data/$set" "$exp/$system/predict_$set")
    done
  done
  [ ${#pairs[@]} -eq 0 ] || steps/score.sh "${pairs[@]}"
  python3 -m local.results.collect_results "$exp"
fi

if stage 6 "compare: with each other and the paper -> $exp/{RESULTS.md,report.html}"; then
  check_scores
  mapfile -t names < <(printf '%s\n' "${systems[@]%/*}" | sort -u)
  local/compare.sh "$data" "$exp" "${names[@]}"
fi
summarise

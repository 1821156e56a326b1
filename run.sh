#!/usr/bin/env bash
# Continuous emotion recognition from speech: recordings and annotators' traces -> arousal and valence every 40 ms.
# Khorram et al. 2017, "Capturing Long-term Temporal Dependencies with Convolutional Networks for Continuous Emotion
# Recognition". Results: egs/<corpus>/RESULTS.md

. "$(dirname "$0")/utils/as_one.sh"
cd "$(dirname "$0")" || exit 1
. ./cmd.sh

corpus=synth               # a folder of egs/
corpus_dir=                # where the corpus lies; the open corpus is made there
corpus_opts=               # passed to egs/$corpus/prepare.sh
corpus_affix=              # names data/ and exp/ apart for a variation of the corpus
stage=0
stop_stage=6
archs="downup"             # files of cer/models/, each with its conf/
targets="arousal valence"
features=fbank             # or egemaps, which needs the user's own openSMILE, or a name for features of your own
num_runs=5                 # trainings of each system, from different initial weights
nj=$(env -u OMP_NUM_THREADS nproc) # jobs for features and predictions
cmd=$train_cmd             # where jobs run
use_gpu=false              # train on cards, one a job
quiet=false                # true: run.py says nothing while jobs run
train_opts=                # passed to the training untouched
postprocess=               # what is done to predictions afterwards, beside the plain ones: chain, gaussian
fit_on=train               # the set that it is fitted on
affix=                     # names a variation of a system, so that it does not take the plain one's place

help_message="Usage: ./run.sh [options]
e.g.: ./run.sh                                            # everything, on the open corpus
      ./run.sh --stage 3                                  # from training on
      ./run.sh --corpus recola --corpus-dir /data/RECOLA  # the licensed corpus
Options:
  --corpus NAME         a folder of egs/ (default: synth, the generated open corpus)
  --corpus-dir DIR      where the corpus lies (default: data/<corpus>/corpus, where the open one is made)
  --corpus-opts OPTS    options of its preparation, e.g. \"--seed=2 --duration=60\"; see egs/<corpus>/README.md
  --corpus-affix NAME   work in data/<corpus>_NAME and exp/<corpus>_NAME
  --stage N             start here: 0 prepare, 1 fbank, 2 cmvn, 3 train, 4 predict, 5 score, 6 compare
  --stop-stage N        end after this stage (default: 6)
  --archs LIST          files of cer/models/, e.g. \"dilated downup\" (default: downup)
  --targets LIST        labels of the corpus (default: arousal valence)
  --features NAME       fbank (default), or egemaps: needs openSMILE (python3 -m pip install opensmile; mind its licence);
                        works in data/<corpus>_egemaps and calls the system <arch>_egemaps; or a name for features of
                        your own: with --stop-stage 0 first, then put feats.scp and frame_shift into data/<corpus>_NAME/*
  --num-runs N          trainings of each system (default: 5)
  --nj N                jobs for features and predictions (default: as many as processors)
  --cmd CMD             where jobs run, e.g. \"slurm.py --mem 4G\" (default: see cmd.sh)
  --use-gpu true|false  train on cards: asks CMD for one a job; without one the training fails (default: false)
  --quiet true          no status line and no line a job while run.py's jobs run; failures are still said
  --train-opts OPTS     options of the training, e.g. \"--learning-rate=0.0003 --l2=1e-5\"
  --affix NAME          call the system <arch>_NAME
  --postprocess LIST    also the systems <system>_chain (median, centring, scaling, shift) or <system>_gaussian (smoothing)
  --fit-on SET          fit these on this set (default: train); of dev they make <system>_chain_dev, with a warning
  --config FILE         shell file that sets any of these"
. utils/parse_options.sh
set -euo pipefail
shopt -s inherit_errexit # a list of commands that $(...) makes is whole, or the script ends

fail() { echo "$0: $1" >&2; exit 1; }
for number in stage stop_stage num_runs nj; do
  [[ ${!number} =~ ^[0-9]+$ ]] || fail "--${number/_/-}: found '${!number}', expected a whole number (stages: 0 to 6)"
done
[ "$stage" -le "$stop_stage" ] && [ "$stop_stage" -le 6 ] ||
  fail "--stage and --stop-stage: found $stage and $stop_stage; the stages are 0 to 6, the second no less than the first"
[ "$num_runs" -ge 1 ] && [ "$nj" -ge 1 ] || fail "--num-runs and --nj: expected at least 1"
[ $# -eq 0 ] || fail "found the argument '$1', expected options only; see ./run.sh --help"
[ -x "egs/$corpus/prepare.sh" ] || fail "--corpus: found '$corpus', there are: $(cd egs && echo */ | tr -d /)"
for method in $postprocess; do
  [[ $method =~ ^(chain|gaussian)$ ]] || fail "--postprocess: found '$method', expected chain or gaussian"
done
for name in corpus corpus_affix features affix; do # JOB and RUN are replaced by numbers in the paths of jobs
  [[ ${!name} =~ ^[A-Za-z0-9_.-]*$ ]] && [[ ! ${!name} =~ JOB|RUN|^\. ]] ||
    fail "--${name/_/-}: found '${!name}', expected letters, digits, '_', '-' and '.', without JOB and RUN"
done
for opt in $corpus_opts; do
  [[ $opt == --*=* ]] || fail "--corpus-opts: found '$opt', expected --name=value"
done
[ -n "$archs" ] && [ -n "$targets" ] || fail "--archs and --targets: expected at least one each"
for arch in $archs; do
  [ -f "cer/models/$arch.py" ] && [ -f "conf/$arch.conf" ] || fail "--archs: $arch needs cer/models/$arch.py and conf/$arch.conf"
done

utils/setup.sh
. ./path.sh
command -v "${cmd%% *}" > /dev/null || fail "--cmd: found no program '${cmd%% *}' in utils/ or PATH; run.py runs jobs here"

[ $quiet = false ] || [ "${cmd%% *}" != run.py ] || cmd+=" --quiet" # Kaldi's launchers have no such option

name=$corpus${corpus_affix:+_$corpus_affix}
data=data/$name
exp=exp/$name
corpus_dir_here=${corpus_dir:-$data/corpus}
variation=$affix
if [ "$features" != fbank ]; then data=${data}_$features variation=${affix:+${affix}_}$features; fi
if [ ! -x "steps/make_$features.sh" ] && [ ! -d "$data" ] && [ "$stop_stage" -gt 0 ]; then
  fail "--features: found '$features', expected fbank, egemaps, or features of your own: then --stop-stage 0 makes $data first"
fi
stage() { [ "$stage" -le "$1" ] && [ "$1" -le "$stop_stage" ] && echo "$0: stage $1: $2"; }
sets() { for set in train dev test; do [ ! -f "$data/$set/wav.scp" ] || echo $set; done; }
systems() { for arch in $archs; do for target in $targets; do echo "$arch${variation:+_$variation}/$target"; done; done; }
# What post-processing makes of them: lines of method, system and the new system.
processed() {
  local system method suffix=_$fit_on
  for method in $postprocess; do
    for system in $(systems); do echo "$method $system ${system%/*}_$method${suffix%_train}/${system#*/}"; done
  done
}
# Keeps the command that makes a system (arch $1, target $2, folder $3) from nothing, and its commit, for RESULTS.md.
keep_command() {
  local corpus_opts=$corpus_opts
  [ -n "$corpus_opts" ] || corpus_opts=$(cat "$data/corpus_opts" 2> /dev/null || true)
  local command="./run.sh --corpus $corpus --archs $1 --targets $2 --num-runs $num_runs" option
  [ "$features" = fbank ] || command+=" --features $features"
  for option in corpus_dir corpus_opts corpus_affix train_opts affix; do
    [ -z "${!option}" ] || command+=" --${option/_/-} '${!option}'"
  done
  if [ "$(tail -n 1 "$3/command" 2> /dev/null)" != "$command" ]; then
    printf '# commit %s\n%s\n' "$(git describe --always --dirty --abbrev=12 2> /dev/null || echo unknown)" "$command" > "$3/command"
  fi
}

if stage 0 "prepare: recordings and labels -> $data/{train,dev,test}"; then
  "egs/$corpus/prepare.sh" --nj "$nj" --cmd "$cmd" --opts "$corpus_opts" "$corpus_dir_here" "$data"
  echo "$corpus_opts" > "$data/corpus_opts" # for the commands that are kept with the systems
fi
[ -z "$postprocess" ] || [ -f "$data/$fit_on/wav.scp" ] || fail "--fit-on: found '$fit_on', there are: $(sets | tr '\n' ' ')"
[ -f "$data/train/wav.scp" ] || fail "$data/train/wav.scp: no such file; stage 0 makes it"

if stage 1 "$features: features -> $data/*/feats.scp"; then
  fbank_config=egs/$corpus/conf/fbank.conf
  [ -f "$fbank_config" ] || fbank_config=conf/fbank.conf
  for set in $(sets); do
    case $features in
      fbank) steps/make_fbank.sh --nj "$nj" --cmd "$cmd" --fbank-config "$fbank_config" --compress false "$data/$set" ;;
      *)
        if [ -x steps/make_$features.sh ]; then
          steps/make_$features.sh --nj "$nj" --cmd "$cmd" "$data/$set"
        else
          for f in feats.scp frame_shift; do
            [ -f "$data/$set/$f" ] || fail "$data/$set/$f: no such file; put it there (seconds between frames: frame_shift)"
          done
        fi
        ;;
    esac
    utils/validate_data_dir.sh --no-text "$data/$set"
  done
fi

if stage 2 "cmvn: mean and variance of each speaker -> $data/*/cmvn.scp"; then
  for set in $(sets); do
    steps/compute_cmvn_stats.sh "$data/$set"
  done
fi

if stage 3 "train: $num_runs runs of each system -> $exp/<system>/<target>/run*"; then
  lines=$(for arch in $archs; do
    for target in $targets; do
      steps/train.sh --list true --num-runs $num_runs --conf-dirs "conf egs/$corpus/conf" --opts "$train_opts" \
        --use-gpu $use_gpu "$arch" "$target" "$data/train" "$data/dev" "$exp/$arch${variation:+_$variation}/$target"
    done
  done)
  utils/run_lines.sh --cmd "$cmd$(! $use_gpu || echo " --gpu 1")" - "$exp/log/train.JOB.log" <<< "$lines"
  for arch in $archs; do
    for target in $targets; do
      system=$exp/$arch${variation:+_$variation}/$target
      [[ $lines != *"/$system/run"* && $lines != *" $system/run"* ]] || rm -f "$system/command" # trained just now
      keep_command "$arch" "$target" "$system"
      for run in $(seq $num_runs); do
        grep -hs -e "of epoch" -e "^label delay" -e "^WARNING" "$system/log/train.$run.log" || true
      done | awk '!seen[$0]++'
    done
  done
fi

predict() { # the systems in standard input, for all sets
  local lines n
  lines=$(while read -r system; do
    for set in $(sets); do
      steps/predict.sh --list true --num-runs $num_runs "$data/$set" "$exp/$system" "$exp/$system/predict_$set"
    done
  done)
  utils/run_lines.sh --cmd "$cmd" - "$exp/log/predict.JOB.log" <<< "$lines"
  for n in $(seq "$(grep -c . <<< "$lines")"); do
    grep -s "^WARNING" "$exp/log/predict.$n.log" || true
  done | awk '!seen[$0]++' >&2
}
if stage 4 "predict: each run and their mean -> $exp/<system>/<target>/predict_*"; then
  systems | predict
  while read -r method system new; do
    steps/postprocess.sh --method "$method" "$data/$fit_on" "$exp/$system" "$exp/$new"
  done < <(processed)
  processed | cut -d ' ' -f 3 | predict
fi

if stage 5 "score: against the gold standard -> $exp/<system>/<target>/predict_*/score.txt, $exp/results.json"; then
  for system in $(systems) $(processed | cut -d ' ' -f 3); do
    for set in $(sets); do
      [ ! -f "$data/$set/${system#*/}.scp" ] || steps/score.sh "$data/$set" "$exp/$system/predict_$set"
    done
  done
  python3 local/results/collect_results.py "$exp"
fi

if stage 6 "compare: with each other and the paper -> $exp/RESULTS.md, $exp/report.html, $exp/figure{4,5}.{png,pdf}, $exp/compare"; then
  for system in $(systems); do
    [ -f "$exp/$system/predict_dev/score.json" ] || fail "$exp/$system was not scored yet; stages 3 to 5 do it (--stage 3)"
  done
  python3 local/paper/figure5.py "$data" "$exp"
  python3 local/paper/figure4.py "$data" "$exp"
  python3 local/paper/smoothness.py "$data" "$exp"
  names=$(systems | cut -d / -f 1 | sort -u)
  # shellcheck disable=SC2086 # names are words
  [ "$(wc -w <<< "$names")" -lt 2 ] || python3 local/results/compare.py "$data" "$exp" --systems $names
  python3 local/results/report.py "$exp"
  python3 local/page/report.py "$data" "$exp"
fi

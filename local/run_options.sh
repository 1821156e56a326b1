# shellcheck shell=bash disable=SC2034,SC2154 # the variables are run.sh's
# Sourced by run.sh: checks its options, and derives the folders from them. $data and $exp are those of this call;
# $variation is what the names of its systems have behind the architecture.

. utils/once.sh

[ "$stage" -le "$stop_stage" ] && [ "$stop_stage" -le 6 ] ||
  fail "--stage and --stop-stage: found $stage and $stop_stage; the stages are 0 to 6, the second no less than the first"
[ $# -eq 0 ] || fail "found the argument '${1#./}', expected options only; see ./run.sh --help"
[ ! -f "egs/$corpus/prepare.sh" ] || [ -x "egs/$corpus/prepare.sh" ] || fail "egs/$corpus/prepare.sh cannot be run; chmod +x it"
for name in archs targets postprocess; do # each word once: two trainings of a system would be in each other's way
  printf -v "$name" %s "$(tr -s ' ' '\n' <<< "${!name}" | awk 'NF && !seen[$0]++' | paste -sd ' ' -)"
done
for method in $postprocess; do
  [[ $method =~ ^(chain|gaussian)$ ]] || fail "--postprocess: found '$method', expected chain or gaussian"
done
for name in corpus corpus_affix features affix; do # JOB and RUN are replaced by numbers in the paths of jobs
  [[ ${!name} =~ ^[A-Za-z0-9_.-]*$ ]] && [[ ! ${!name} =~ JOB|RUN|^[._] ]] ||
    fail "--${name/_/-}: found '${!name}', expected letters, digits, '_', '-' and '.', without JOB and RUN"
done
one_of csv auto true runs table false
for opt in $corpus_opts; do
  [[ $opt == --*=* ]] || fail "--corpus-opts: found '$opt', expected --name=value"
done
[[ "$archs $targets" =~ ^[A-Za-z0-9_.\ -]*$ ]] || fail "--archs and --targets: found '$archs' and '$targets', expected names"
[ -n "$archs" ] || fail "--archs: expected at least one"
there=$(cd cer/models && echo [a-z]*.py)
for arch in $archs; do
  [ -f "cer/models/$arch.py" ] && [ -f "conf/$arch.conf" ] ||
    fail "--archs: $arch needs cer/models/$arch.py and conf/$arch.conf; there are: ${there//.py/}"
done

# A relative --corpus-dir begins where ./run.sh was called: $OLDPWD, if that is another folder and has it.
[[ $corpus_dir == /* ]] || [ -z "$corpus_dir" ] || [ "$OLDPWD" -ef . ] || [ ! -d "$OLDPWD/$corpus_dir" ] || corpus_dir=$OLDPWD/$corpus_dir

name=$corpus${corpus_affix:+_$corpus_affix}
data=data/$name
exp=exp/$name
corpus_dir_here=${corpus_dir:-$data/corpus}
variation=$affix
if [ "$features" != fbank ]; then data=${data}_$features variation=${affix:+${affix}_}$features; fi
[ -x "egs/$corpus/prepare.sh" ] || { [ "$stage" -gt 0 ] && [ -d "$data/train" ]; } || # made elsewhere, such as by Kaldi
  fail "--corpus: found '$corpus', there are: $(cd egs && echo */prepare.sh | sed 's|/prepare.sh||g'); --stage 1 takes any data directories in $data"
if [ ! -f "cer/features/$features.py" ] && [ ! -d "$data" ] && [ "$stop_stage" -gt 0 ]; then
  fail "--features: found '$features', expected a file of cer/features/ ($(cd cer/features && echo [a-z]*.py)), or features of your own: then --stop-stage 0 makes $data first"
fi
feats_config=egs/$corpus/conf/$features.conf # the corpus's own, if it exists
[ -f "$feats_config" ] || feats_config=

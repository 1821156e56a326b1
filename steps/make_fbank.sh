#!/usr/bin/env bash
# Log mel filterbank features of a data directory. Kaldi's make_fbank.sh: same command line, same files left behind.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
nj=4
cmd=run.py
fbank_config=conf/fbank.conf # where there is none: the one in the conf/ beside steps/
allow_pipes=false          # they run commands
compress=true              # one byte a value, with loss, as in Kaldi
write_utt2num_frames=true
write_utt2dur=true
# End configuration section.

help_message="Usage: $0 [options] <data-dir> [<log-dir> [<fbank-dir>]]
e.g.: $0 --nj 9 --cmd \"slurm.py --mem 2G\" data/synth/train
Defaults: <log-dir> is <data-dir>/log, <fbank-dir> is <data-dir>/data.
Options:
  --nj N                       number of jobs (default: $nj)
  --cmd CMD                    where jobs run (default: $cmd)
  --fbank-config FILE          options of the front end (default: $fbank_config, or that in the conf/ beside steps/)
  --allow-pipes true|false     run the commands in wav.scp, \"sox ... |\" (default: $allow_pipes)
  --compress true|false        one byte a value (default: $compress)
  --write-utt2num-frames true|false, --write-utt2dur true|false"
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -lt 1 ] || [ $# -gt 3 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail
. "$root/utils/once.sh"

data=$1
logdir=${2:-$data/log}
fbankdir=${3:-$data/data}
name=$(basename "$data")
if [ "$fbank_config" = conf/fbank.conf ] && [ ! -f "$fbank_config" ]; then fbank_config=$root/conf/fbank.conf; fi
for f in "$data/wav.scp" "$fbank_config"; do
  [ -f "$f" ] || { echo "$0: no such file $f" >&2; exit 1; }
done

inputs=("$data"/{wav.scp,segments,reco2file_and_channel} "$fbank_config")
code=("$root/cer/bin/compute_feats.py" "$root/cer/features/fbank.py")
if ! begin "$data/.done.fbank" --in "${inputs[@]}" --opt "compress=$compress" --code "${code[@]}"; then
  echo "$0: $data/feats.scp is up to date"
  exit 0
fi
# The directory is looked at without the earlier features, which are to be made anew.
new=$fbankdir/.new.fbank_$name
rm -rf "$new/without_features"
mkdir -p "$new/without_features"
for f in "$data"/*; do
  case ${f##*/} in
    feats.scp | utt2num_frames | cmvn.scp | vad.scp) ;;
    *) [ ! -f "$f" ] || ln -s "$(realpath "$f")" "$new/without_features/" ;;
  esac
done
status=0
found=$("$root/utils/validate_data_dir.sh" --no-text --no-feats "$new/without_features" 2>&1) || status=$?
echo "${found//"$new/without_features"/"$data"}" >&2
[ $status -eq 0 ] || exit $status
rm -r "$new/without_features"

utts=$data/segments
[ -f "$utts" ] || utts=$data/wav.scp
num_utts=$(wc -l < "$utts")
if [ "$nj" -gt "$num_utts" ]; then
  echo "$0: $num_utts utterances: using $num_utts jobs instead of $nj"
  nj=$num_utts
fi
# Everything is made in that folder: what is there stays until all of the new is whole.
python=$root/utils/python.sh
for n in $(seq "$nj"); do # a part that an earlier call made is not made again
  part=$new/raw_fbank_$name.$n
  once=("$new/.done.$n" --in "${inputs[@]}" --opt "compress=$compress" "part=$n/$nj" --code "${code[@]}")
  if once.py --check "${once[@]}" > /dev/null; then continue; fi
  printf '%q ' "$python" "$root/utils/once.py" "${once[@]}" --out "$part".{scp,ark,utt2num_frames,utt2dur,frame_shift} -- \
    "$python" -m cer.bin.compute_feats --features=fbank "--config=$fbank_config" "--compress=$compress" \
    "--allow-pipes=$allow_pipes" "--part=$n/$nj" "$data" "$part"
  echo
done | "$root/utils/run_lines.sh" --cmd "$cmd" - "$logdir/make_fbank_$name.JOB.log"

# Joins what the jobs wrote, in their order, which keeps it sorted.
join() { for n in $(seq "$nj"); do cat "$1/raw_fbank_$name.$n.$2"; done; }
num_feats=$(join "$new" scp | wc -l)
if [ "$num_feats" -ne "$num_utts" ]; then
  echo "$0: found features of $num_feats utterances, expected $num_utts; see $logdir/make_fbank_$name.*.log" >&2
  exit 1
fi
if [ -f "$data/feats.scp" ] && ! grep -qF " $(realpath "$fbankdir")/raw_fbank_$name." "$data/feats.scp"; then
  mkdir -p "$data/.backup"
  echo "$0: copying $data/feats.scp, which another program made, to $data/.backup"
  cp -p "$data/feats.scp" "$data/.backup/"
fi
rm -f "$new"/.done.*
put_in_place.py "$new" "$fbankdir" "raw_fbank_$name.*"
if $write_utt2num_frames; then join "$fbankdir" utt2num_frames | replace "$data/utt2num_frames"; fi
if $write_utt2dur && [ ! -f "$data/utt2dur" ]; then join "$fbankdir" utt2dur | replace "$data/utt2dur"; fi
replace "$data/frame_shift" < "$fbankdir/raw_fbank_$name.1.frame_shift"
mkdir -p "$data/conf"
replace "$data/conf/fbank.conf" < "$fbank_config"
join "$fbankdir" scp | replace "$data/feats.scp"
commit --out "$data"/{feats.scp,utt2num_frames,frame_shift,conf/fbank.conf}
echo "$0: wrote features of $num_feats utterances to $data/feats.scp"

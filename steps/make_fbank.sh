#!/usr/bin/env bash
# Log mel filterbank features of a data directory. Kaldi's make_fbank.sh: same command line, same files left behind.

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

data=$1
logdir=${2:-$data/log}
fbankdir=${3:-$data/data}
name=$(basename "$data")
if [ "$fbank_config" = conf/fbank.conf ] && [ ! -f "$fbank_config" ]; then fbank_config=$root/conf/fbank.conf; fi
for f in "$data/wav.scp" "$fbank_config"; do
  [ -f "$f" ] || { echo "$0: no such file $f" >&2; exit 1; }
done

inputs=("$data/wav.scp" "$fbank_config" "$data/feats.scp")
for f in "$data/segments" "$data/reco2file_and_channel"; do
  [ ! -f "$f" ] || inputs+=("$f")
done
if unchanged.py "$data/.done.fbank" "${inputs[@]}" -- "compress=$compress"; then
  echo "$0: $data/feats.scp is up to date"
  exit 0
fi
"$root/utils/validate_data_dir.sh" --no-text --no-feats "$data"
if [ -f "$data/feats.scp" ]; then
  mkdir -p "$data/.backup"
  echo "$0: moving $data/feats.scp to $data/.backup"
  mv "$data/feats.scp" "$data/.backup/"
  rm -f "$data/utt2num_frames"
fi

utts=$data/segments
[ -f "$utts" ] || utts=$data/wav.scp
num_utts=$(wc -l < "$utts")
if [ "$nj" -gt "$num_utts" ]; then
  echo "$0: $num_utts utterances: using $num_utts jobs instead of $nj"
  nj=$num_utts
fi
out=$fbankdir/raw_fbank_$name
python=$root/utils/python.sh
mkdir -p "$logdir"
for n in $(seq $nj); do # a part that an earlier call made from the same recordings is not made again
  stamp=("$out.$n.done" "${inputs[@]/"$data/feats.scp"/"$out.$n.scp"}" -- "compress=$compress" "part=$n/$nj")
  if unchanged.py "${stamp[@]}"; then continue; fi
  make=("$python" -m cer.bin.compute_fbank_feats "--config=$fbank_config" "--compress=$compress"
    "--allow-pipes=$allow_pipes" "--part=$n/$nj" "$data" "$out.$n")
  echo "$(printf '%q ' "${make[@]}")&& $(printf '%q ' "$python" "$root/utils/unchanged.py" --write "${stamp[@]}")"
done > "$logdir/make_fbank_$name.lines"
"$root/utils/run_lines.sh" --cmd "$cmd" "$logdir/make_fbank_$name.lines" "$logdir/make_fbank_$name.JOB.log"

# Joins what the jobs wrote, in their order, which keeps it sorted.
join() { for n in $(seq $nj); do cat "$out.$n.$1"; done > "$2.tmp" && mv "$2.tmp" "$2"; }
join scp "$data/feats.scp"
num_feats=$(wc -l < "$data/feats.scp")
if [ "$num_feats" -ne "$num_utts" ]; then
  echo "$0: found features of $num_feats utterances, expected $num_utts; see $logdir/make_fbank_$name.*.log" >&2
  exit 1
fi
if $write_utt2num_frames; then join utt2num_frames "$data/utt2num_frames"; fi
if $write_utt2dur && [ ! -f "$data/utt2dur" ]; then join utt2dur "$data/utt2dur"; fi
cp "$out.1.frame_shift" "$data/frame_shift"
mkdir -p "$data/conf"
cp "$fbank_config" "$data/conf/fbank.conf"
unchanged.py --write "$data/.done.fbank" "${inputs[@]}" -- "compress=$compress"
echo "$0: wrote features of $num_feats utterances to $data/feats.scp"

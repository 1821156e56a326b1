#!/usr/bin/env bash
# Low-level descriptors of eGeMAPS, by openSMILE, which the user installs: wav.scp, segments -> feats.scp.

# Begin configuration section.
nj=4
cmd=run.py
# End configuration section.

help_message="Usage: $0 [options] <data-dir>
e.g.: $0 --nj 9 data/synth_egemaps/train
Options:
  --nj N, --cmd CMD    how many jobs, and where they run (default: $nj, $cmd)"
echo "$0 $*" # Print the command line for logging
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -ne 1 ]; then echo "$help_message" >&2; exit 1; fi
set -euo pipefail

data=$1 out=$1/data/raw_egemaps
[ -f "$data/wav.scp" ] || { echo "$0: no such file $data/wav.scp; stage 0 makes it" >&2; exit 1; }
inputs=("$data/wav.scp" "$data/feats.scp")
for f in "$data/segments" "$data/reco2file_and_channel"; do
  [ ! -f "$f" ] || inputs+=("$f")
done
if unchanged.py "$data/.done.egemaps" "${inputs[@]}" --; then
  echo "$0: $data/feats.scp is up to date"
  exit 0
fi
utts=$data/segments
[ -f "$utts" ] || utts=$data/wav.scp
num_utts=$(wc -l < "$utts")
if [ "$nj" -gt "$num_utts" ]; then nj=$num_utts; fi
$cmd JOB=1:$nj "$data/log/make_egemaps.JOB.log" \
  "$root/utils/python.sh" -m cer.bin.compute_egemaps_feats --part=JOB/$nj "$data" "$out.JOB"
join() { for n in $(seq $nj); do cat "$out.$n.$1"; done > "$2.tmp" && mv "$2.tmp" "$2"; }
join scp "$data/feats.scp"
join utt2num_frames "$data/utt2num_frames"
cp "$out.1.frame_shift" "$data/frame_shift"
unchanged.py --write "$data/.done.egemaps" "${inputs[@]}" --
echo "$0: wrote features of $num_utts utterances to $data/feats.scp"

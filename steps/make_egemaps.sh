#!/usr/bin/env bash
# Low-level descriptors of eGeMAPS, by openSMILE, which the user installs: wav.scp, segments -> feats.scp.

. "$(dirname "$0")/../utils/as_one.sh"

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
. "$root/utils/once.sh"

data=$1 new=$1/data/.new.egemaps python=$root/utils/python.sh
[ -f "$data/wav.scp" ] || { echo "$0: no such file $data/wav.scp; stage 0 makes it" >&2; exit 1; }
if ! begin "$data/.done.egemaps" --in "$data"/{wav.scp,segments,reco2file_and_channel} \
  --code "$root/cer/bin/compute_feats.py" "$root/cer/features/egemaps.py"; then
  echo "$0: $data/feats.scp is up to date"
  exit 0
fi
utts=$data/segments
[ -f "$utts" ] || utts=$data/wav.scp
num_utts=$(wc -l < "$utts")
if [ "$nj" -gt "$num_utts" ]; then nj=$num_utts; fi
# Everything is made in a folder of its own: what is there stays until all of the new is whole.
for n in $(seq "$nj"); do
  printf '%q ' "$python" -m cer.bin.compute_feats --features=egemaps --part="$n/$nj" "$data" "$new/raw_egemaps.$n"
  echo
done | "$root/utils/run_lines.sh" --cmd "$cmd" - "$data/log/make_egemaps.JOB.log"
put_in_place.py "$new" "$data/data" "raw_egemaps.*"
join() { for n in $(seq "$nj"); do cat "$data/data/raw_egemaps.$n.$1"; done; }
join utt2num_frames | replace "$data/utt2num_frames"
replace "$data/frame_shift" < "$data/data/raw_egemaps.1.frame_shift"
join scp | replace "$data/feats.scp"
commit --out "$data"/{feats.scp,utt2num_frames,frame_shift}
echo "$0: wrote features of $num_utts utterances to $data/feats.scp"

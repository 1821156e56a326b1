#!/usr/bin/env bash
# Computes CMVN statistics per speaker. Same command line and output files as Kaldi's compute_cmvn_stats.sh.

. "$(dirname "$0")/../utils/as_one.sh"

help_message="Usage: $0 <data-dir> [<log-dir> [<cmvn-dir>]]
e.g.: $0 data/synth/train
Defaults: <log-dir> is <data-dir>/log, <cmvn-dir> is <data-dir>/data.
Run it again when feats.scp changes. Kaldi's --fake, --fake-dims and --two-channel do not exist here: networks can be
trained without normalisation (python3 -m cer.bin.train --arch <arch> --help)."
. "$(dirname "$0")/start.sh"

data=$1
logdir=${2:-$data/log}
cmvndir=${3:-$data/data}
name=$(basename "$data")
need "$data/feats.scp" "stage 1 (steps/make_feats.sh) makes it"
need "$data/spk2utt" "stage 0 makes it"

if ! begin "$data/.done.cmvn" --in "$data/feats.scp" "$data/spk2utt" --opt ${3:+"into=$cmvndir"} --code "$root/cer/bin/compute_cmvn_stats.py"; then
  echo "$0: $data/cmvn.scp is up to date"
  exit 0
fi
out=$cmvndir/cmvn_$name
[ $# -lt 3 ] || alone "$cmvndir/.cmvn_$name.lock" # of a data directory of the same name, which may be at work there, too
refuse_archives_of_another "$out" "$data" cmvn.scp
make_folder "$logdir"
log=$logdir/cmvn_$name.log
if ! said=$(python3 -m cer.bin.compute_cmvn_stats "$data/spk2utt" "$data/feats.scp" "$out" 2>&1 | tee "$log"); then
  fail "failed: ${said##*$'\n'}; log is in $log" # a full disk leaves the log empty
fi
[ $# -lt 3 ] || realpath "$data" > "$out.of"
replace "$data/cmvn.scp" < "$out.scp"
commit --out "$data/cmvn.scp"
echo "$0: wrote statistics of $(counted "$(wc -l < "$data/cmvn.scp")" speaker) to $data/cmvn.scp"

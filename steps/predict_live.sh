#!/usr/bin/env bash
# Predictions while one listens: a wav stream on standard input -> `time,arousal,valence` lines on standard output, each
# when the network has heard what it looks ahead. That time and the latency are said on standard error.

# Begin configuration section.
channel=                   # of streams with several, counted from 0 (default: the first, with a warning)
cmvn=own                   # mean and variance: own, of what was heard so far, or global, of the training set
step=0.2                   # seconds that are predicted at once at least; less is quicker and costs more
# End configuration section.

help_message="Usage: $0 [options] <model-dir> [<model-dir> ...]
e.g.: arecord -q -t wav -f S16_LE -r 16000 | $0 exp/synth/downup/arousal exp/synth/downup/valence
      sox talk.flac -b 16 -t wav - | $0 exp/synth/downup/arousal > talk.csv"
[ ! -f path.sh ] || . ./path.sh
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
if [ $# -lt 1 ]; then echo "$help_message" >&2; exit 1; fi
exec python3 -m cer.bin.predict_live ${channel:+--channel=$channel} --cmvn=$cmvn --step=$step "$@"

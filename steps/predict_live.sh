#!/usr/bin/env bash
# Predicts a live stream: wav on stdin -> `time,arousal,valence` lines on stdout. Each line is printed once the network
# has received its look-ahead; stderr reports the look-ahead and the latency.

# Begin configuration section.
channel=                   # channel of a multi-channel stream, counted from 0 (default: the first, with a warning)
cmvn=own                   # mean and variance: own, of the stream so far, or global, of the training set
step=0.2                   # minimum seconds per prediction step; smaller: lower latency, more computation
# End configuration section.

help_message="Usage: $0 [options] <model-dir> [<model-dir> ...]
e.g.: arecord -q -t wav -f S16_LE -r 16000 | $0 exp/synth/downup/arousal exp/synth/downup/valence
      sox talk.flac -b 16 -t wav - | $0 exp/synth/downup/arousal > talk.csv"
[ ! -f path.sh ] || . ./path.sh >&2 # programs read what we print
root=$(dirname "$0")/.. # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
. "$root/utils/check_arguments.sh"
exec python3 -m cer.bin.predict_live ${channel:+--channel=$channel} --cmvn=$cmvn --step=$step "$@"

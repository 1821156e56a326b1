#!/usr/bin/env bash
# One job of an array: predicts a whole data directory, then moves the complete predictions into the output folder.
# `steps/predict.sh --list true` prints the command line that calls it, by way of once.py.

help_message="Usage: $0 <data-dir> <model-dir> <output-dir> <csv> [<num-runs>]
e.g.: $0 data/synth/dev exp/synth/downup/arousal exp/synth/downup/arousal/predict_dev auto"
root=$(dirname "$(dirname "$0")") # of the recipe that this script belongs to
. "$root/path.sh"
. "$root/utils/parse_options.sh"
. "$root/utils/check_arguments.sh"
set -euo pipefail
. "$root/steps/common.sh"

rm -rf "$3/.new"
python3 -m cer.bin.predict --csv="$4" ${5:+--num-runs="$5"} "$1" "$2" "$3/.new"
put_predictions_in_place "$3" 1

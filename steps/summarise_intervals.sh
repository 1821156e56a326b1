#!/usr/bin/env bash
# Summarises predictions over intervals: mean, deviation, slope and share of time above 0, of each interval and speaker.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
segments=                  # Kaldi's table of the segments that were predicted, with utt2spk beside it; without it, each
                           # utterance is a recording
# End configuration section.

help_message="Usage: $0 [options] <intervals> <prediction-dir> <output-dir>
e.g.: $0 talks.rttm predictions predictions_of_speakers
<intervals> says who speaks when: NAME.rttm, Kaldi's segments (with utt2spk beside it), NAME.TextGrid of Praat, captions
(NAME.srt, NAME.vtt), or a folder of them. <prediction-dir> is one of steps/predict_recordings.sh or steps/predict.sh.
Writes <output-dir>/intervals.csv (per interval and target), speakers.csv (per recording, speaker and target)
and textgrids/<recording>.TextGrid."
. "$(dirname "$0")/start.sh"

python3 -m cer.bin.summarise_intervals --segments="$segments" "$@"

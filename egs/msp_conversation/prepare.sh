#!/usr/bin/env bash
# Stage 0 for MSP-Conversation: makes the data directories train, dev and test with labels.
# shellcheck disable=SC2034 # run.sh passes --nj and --cmd to every prepare.sh; this one needs no jobs

. "$(dirname "$0")/../../utils/as_one.sh"

# Begin configuration section.
opts=                      # options of the preparation; python3 -m egs.msp_conversation.prepare --help lists them
nj=4                       # not used
cmd=run.py                 # not used
# End configuration section.

help_message="Usage: $0 [options] <corpus-dir> <data-dir>
e.g.: $0 --opts \"--gold-standard=ewe --gap=1\" /data/msp_conversation data/msp_conversation"
. steps/start.sh

licence="MSP-Conversation is licensed: an institution signs an agreement with the MSP lab at UT Dallas"
steps/prepare_corpus.sh --opts "$opts" --licence "$licence" --suffixes "wav csv txt" egs/msp_conversation/prepare.py "$1" "$2"

#!/usr/bin/env bash
# Makes a data directory whose labels count only where given speakers speak, in recordings of several speakers.

. "$(dirname "$0")/../utils/as_one.sh"

# Begin configuration section.
speakers=                  # names, with blanks between them: "ann bob" (default: all)
alone=false                # leave out time in which another speaker speaks, too
# End configuration section.

help_message="Usage: $0 [options] <intervals> <data-dir> <new-data-dir>
e.g.: $0 --speakers \"ann bob\" talks.rttm data/mine/train data/mine_ann_bob/train
<intervals> says who speaks when: NAME.rttm, Kaldi's segments (with utt2spk beside it), NAME.TextGrid of Praat, captions
(NAME.srt, NAME.vtt), or a folder of them. Outside the speakers' intervals a label of the new directory is NaN, a gap:
networks still see the whole recording, but training, scores and searches leave these rows out. Utterances without a
label left are left out. Features and recordings are not copied."
. "$(dirname "$0")/start.sh"

intervals=$1 data=$2 new=$3
need "$data/utt2spk" "stage 0 makes it"
need "$data/label_shift" "stage 0 makes it"
if [ "$new" -ef "$data" ] || { [ -n "$(ls "$new" 2> /dev/null)" ] && [ ! -d "$new/selected" ]; }; then
  fail "$new: found other files in it, expected a new folder, or one that this step made; name another one"
fi
make_folder "$new"
alone "$new/.select.lock"
rm -rf "$new/.stage" "$new/.selected" # all is made here: an earlier selection stays until the new one is complete
python3 -m cer.bin.select_time --speakers="$speakers" --alone="$alone" "$intervals" "$data" "$new/.selected"
"$root/utils/subset_data_dir.sh" --utt-list "$new/.selected/utterances" "$data" "$new/.stage" > /dev/null
rm -f "$new/utt2spk" # written last: without it, nobody takes what a killed call leaves for a data directory
put_in_place.py "$new/.selected" "$new/selected" "**"
for table in "$new"/.stage/*.scp "$new"/.stage/ratings/*.scp; do
  selected=$new/selected/${table#"$new/.stage/"}
  if [ -f "$selected" ]; then cp "$selected" "$table"; fi
done
"$root/utils/subset_data_dir.sh" --utt-list "$new/selected/utterances" "$new/.stage" "$new"
rm -r "$new/.stage"

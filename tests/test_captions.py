"""cer/data/captions.py: SubRip and WebVTT; webvtt-py, another reader, is the second opinion."""

import pytest
import webvtt

from cer.base.errors import BadInput
from cer.data import captions

SRT = """1
00:00:01,000 --> 00:00:02,500
Ännchen Lee: Hello
there

2
00:00:02,5 --> 01:02:03,000 X1:0
[SPEAKER_01]: at 10: 30 &amp; <i>more</i>

after an empty line

3
00:00:07,000 --> 00:00:08,000
He said: go
"""
VTT = """WEBVTT a title

NOTE what follows
is no caption

STYLE
::cue { color: red }

greeting
00:01.000 --> 00:02.500 align:start
<v Ann Lee>Hello <b>there</b>

1:00:02.000 --> 1:00:03.000
<v.loud Bob>No!</v>
<v Ann Lee>Yes.
<v Cleo></v>
"""


def put(folder, content, name="talk.srt"):
    path = folder / name
    path.write_text(content)
    return path


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_subrip_has_speakers_where_a_name_and_a_colon_begin_the_caption(tmp_path, ends):
    path = tmp_path / "talk.srt"
    path.write_bytes(SRT.replace("\n", ends).encode("utf-8-sig"))
    assert captions.read(path) == [
        (2, "Ännchen Lee", 1, 2.5, "Hello there"),
        (7, "SPEAKER_01", 2.5, 3723, "at 10: 30 & more after an empty line"),
        (13, "", 7, 8, "He said: go"),
    ]


def test_webvtt_has_voices_and_blocks_that_are_no_captions(tmp_path):
    assert captions.read(put(tmp_path, VTT, "talk.vtt")) == [
        (10, "Ann Lee", 1, 2.5, "Hello there"),
        (13, "Bob", 3602, 3603, "No!"),
        (13, "Ann Lee", 3602, 3603, "Yes."),
        (13, "Cleo", 3602, 3603, ""),
    ]


@pytest.mark.parametrize("name, content", [("talk.srt", SRT), ("talk.vtt", VTT)])
def test_another_reader_finds_the_same_times(tmp_path, name, content):
    path = put(tmp_path, content.replace("02,5 ", "02,500 "), name)
    read = webvtt.from_srt if name.endswith("srt") else webvtt.read
    found = dict.fromkeys((start, end) for _, _, start, end, _ in captions.read(path))
    assert [(one.start_time.in_milliseconds(), one.end_time.in_milliseconds()) for one in read(str(path))] == [
        (round(start * 1000), round(end * 1000)) for start, end in found
    ]


@pytest.mark.parametrize(
    "old, new, message",
    [
        ("00:00:02,500", "00:00:0x,500", "talk.srt:2: found '00:00:01,000 --> 00:00:0x,500', expected the times of a"),
        ("00:00:07,000 -->", "00:00:07,000 ->", "talk.srt:13: found '00:00:07,000 -> 00:00:08,000', expected the tim"),
        ("\n00:00:07,000 --> 00:00:08,000", "", "talk.srt:13: found 'He said: go', expected the times of a caption"),
        ("\n3\n", "3\n", "talk.srt:12: found '00:00:07,000 --> 00:00:08,000' within a caption, expected an empty line"),
        ("01:02:03,000 X", "01:02:03,000X", "talk.srt:7: found .* expected the times of a caption"),
        ("00:00:02,500", "00:00:61,500", "talk.srt:2: found '00:00:01,000 --> 00:00:61,500', expected the times of a"),
        ("00:00:02,500", "00:61:02,500", "talk.srt:2: found '00:00:01,000 --> 00:61:02,500', expected the times of a"),
        (SRT, "hello\n", "talk.srt:1: found 'hello', expected the times of a caption"),
        (SRT, "WEBVTT\n\nNOTE x\n", "talk.srt: found no caption"),
        (SRT, "", "talk.srt: is empty"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path, old, new, message):
    with pytest.raises(BadInput, match=message):
        captions.read(put(tmp_path, SRT.replace(old, new)))

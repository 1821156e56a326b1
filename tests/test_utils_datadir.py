"""utils/validate_data_dir.sh, fix_data_dir.sh and split_data.sh, by the rules of Kaldi's scripts of these names."""

import os
import re
import subprocess
import time
from pathlib import Path

import data_dir
import pytest
from conftest import ROOT, called
from datadir import split

UTTERANCES = ["P1-1", "P1-2", "P10-1", "P2-1", "P2-2", "P2-3"]
SPEAKERS = ["P1", "P10", "P2"]


def write(directory, **files):
    """Files from lines; a dot in a name is written as two underscores."""
    directory.mkdir(exist_ok=True)
    for name, lines in files.items():
        (directory / name.replace("__", ".")).write_text("".join(f"{line}\n" for line in lines))


def each(ids, value):
    return [f"{key} {value}" for key in ids]


@pytest.fixture
def data(tmp_path):
    """A correct data directory with every file but segments."""
    write(
        tmp_path / "data",
        utt2spk=[f"{utterance} {utterance.split('-')[0]}" for utterance in UTTERANCES],
        spk2utt=["P1 P1-1 P1-2", "P10 P10-1", "P2 P2-1 P2-2 P2-3"],
        wav__scp=each(UTTERANCES, "wav/a.wav"),
        feats__scp=each(UTTERANCES, "feats.ark:17"),
        vad__scp=each(UTTERANCES, "vad.ark:17"),
        text=each(UTTERANCES, "some words"),
        utt2lang=each(UTTERANCES, "fr"),
        utt2uniq=each(UTTERANCES, "u"),
        utt2dur=each(UTTERANCES, "4.5"),
        utt2num_frames=each(UTTERANCES, "450"),
        reco2dur=each(UTTERANCES, "4.5"),
        reco2file_and_channel=each(UTTERANCES, "a A"),
        cmvn__scp=each(SPEAKERS, "cmvn.ark:5"),
        spk2gender=each(SPEAKERS, "f"),
        spk2warp=each(SPEAKERS, "0.95"),
        utt2warp=each(UTTERANCES, "1.05"),
        arousal__scp=each(UTTERANCES[:4], "arousal.ark:5"),
    )
    return tmp_path / "data"


@pytest.fixture
def segmented(data):
    """The same with two recordings cut into utterances."""
    owners = ["R1", "R1", "R1", "R2", "R2", "R2"]
    write(
        data,
        segments=[f"{utt} {reco} {n} {n}.5" for n, (utt, reco) in enumerate(zip(UTTERANCES, owners, strict=True))],
        wav__scp=each(["R1", "R2"], "sph2pipe ~/a.sph |"),
        reco2dur=each(["R1", "R2"], "60"),
        reco2file_and_channel=each(["R1", "R2"], "a B"),
    )
    return data


def call(script, *words, status=0):
    """What the program of this script prints; it must end with this status."""
    done = called(data_dir.main, script, *words)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def problems(directory, *options, capsys):
    """Every problem of a directory that must have one."""
    assert data_dir.main(["validate_data_dir.sh", *options, str(directory)]) == 1
    found = capsys.readouterr()
    assert found.out == ""
    return found.err


def replace(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# validate_data_dir.sh


def test_a_correct_directory_is_valid(data):
    done = call("validate_data_dir.sh", data)
    assert done.stdout == f"validate_data_dir.sh: Successfully validated data-directory {data}\n" and done.stderr == ""


def test_a_correct_directory_with_segments_is_valid(segmented):
    call("validate_data_dir.sh", segmented)


def test_tabs_blanks_at_the_end_and_unknown_files_pass(data):
    replace(data / "utt2num_frames", "450", "450 ")  # as Kaldi itself writes it
    replace(data / "utt2spk", " ", "\t")
    write(data, notes=["b", "a"], other__scp=["z 1", "a 1"], label_shift=["0.04"])
    call("validate_data_dir.sh", data)


@pytest.mark.parametrize("name, option", [("wav.scp", "--no-wav"), ("feats.scp", "--no-feats")])
def test_an_option_stops_requiring_a_file_but_not_checking_it(data, name, option, capsys):
    replace(data / name, "P2-1", "P2-4")
    assert f"{name}:4: found P2-4" in problems(data, option, capsys=capsys)
    (data / name).unlink()
    assert f"{name}: no such file" in problems(data, capsys=capsys)
    call("validate_data_dir.sh", option, data)


def test_files_that_are_made_anew_are_not_checked(data, capsys):
    for name in ("feats.scp", "utt2num_frames"):
        replace(data / name, "P2-1", "P2-4")
    call("validate_data_dir.sh", "--ignore=feats.scp,utt2num_frames", "--no-feats", data)
    assert "feats.scp:4: found P2-4" in problems(data, "--ignore=utt2num_frames", capsys=capsys)


def test_without_transcripts_text_may_be_missing_and_is_not_checked_as_in_kaldi(data, capsys):
    (data / "text").write_bytes(b"P2-2 <s> \x07\r\nP1-1 caf\xe9")
    assert "text:2: found b'\\xe9'" in problems(data, capsys=capsys)
    call("validate_data_dir.sh", "--no-text", data)
    (data / "text").unlink()
    assert "text: no such file" in problems(data, capsys=capsys)
    call("validate_data_dir.sh", data, "--no-text")


@pytest.mark.parametrize("name", ["utt2spk", "spk2utt"])
def test_utt2spk_and_spk2utt_must_be_there_and_not_empty(data, name, capsys):
    (data / name).write_text("")
    assert f"{name}: is empty" in problems(data, capsys=capsys)
    (data / name).unlink()
    assert f"{name}: no such file" in problems(data, capsys=capsys)


# File, what stands there, what is written instead, what is reported.
WRONG = [
    ("utt2spk", "P1-2 P1", "P1-2 P1 x", "utt2spk:2: found 'P1-2 P1 x', expected two fields"),
    ("utt2spk", "P1-2 P1", "P1-2", "utt2spk:2: found 'P1-2 ', expected two fields"),
    ("utt2spk", "P1-1 P1\nP1-2 P1\n", "P1-2 P1\nP1-1 P1\n", "utt2spk:2: found P1-1 after P1-2, expected unique ids"),
    ("utt2spk", "P1-2 P1\n", "P1-2 P1\nP1-2 P1\n", "utt2spk:3: found P1-2 for the second time"),
    ("utt2spk", "P10-1 P10", "P10-1 A", "utt2spk:3: found speaker A after P1, expected the speakers to be sorted"),
    ("spk2utt", "P1 P1-1 P1-2", "P1 P1-1", "spk2utt:1: found P1 with 'P1-1', expected 'P1-1 P1-2'"),
    ("spk2utt", "P10 P10-1\n", "", "spk2utt: found 2 of the 3 speakers of utt2spk, expected all; without: P10"),
    ("spk2utt", "P2 ", "P3 ", "spk2utt:3: found P3, which is none of the speakers"),
    ("wav.scp", "P2-3 wav/a.wav", "P2-3", "wav.scp:6: found 'P2-3 ', expected a recording and a file"),
    ("wav.scp", "wav/a.wav", "~/a.wav", "wav.scp:1: found ~/a.wav, expected a path without ~"),
    ("wav.scp", "wav/a.wav", "~/decode a |", "wav.scp:1: found ~/decode a |, expected a path without ~"),
    ("wav.scp", "P1-2 ", "P1 2 ", "wav.scp:2: found P1, which is none of the utterances"),
    ("wav.scp", "P1-2 ", "\nP1-2 ", "wav.scp:2: found an empty line, expected none: Kaldi's programs stop reading"),
    ("wav.scp", "P1-2 ", " P1-2 ", "wav.scp:2: found white space at the start"),
    ("wav.scp", "P1-2 ", "P1\u00a02 ", "wav.scp:2: found the id 'P1\\xa02', expected an id of printable characters"),
    ("feats.scp", "P2-3 feats.ark:17\n", "P2-3 feats.ark:17", "feats.scp:6: found a last line without a line end"),
    ("feats.scp", "17\n", "17\r\n", "feats.scp:1: found 1 line ends of Windows (CR LF), expected LF"),
    ("feats.scp", "P10-1 feats.ark:17\n", "", "feats.scp: found 5 of the 6 utterances of utt2spk"),
    ("vad.scp", "P10-1 vad.ark:17\n", "", "vad.scp: found 5 of the 6"),
    ("utt2lang", "P10-1 fr\n", "", "utt2lang: found 5 of the 6"),
    ("utt2uniq", "P10-1 u\n", "", "utt2uniq: found 5 of the 6"),
    ("text", "P10-1 some words\n", "", "text: found 5 of the 6"),
    ("text", "some words", "some <s> #0", "text:1: found #0 <s> in the transcript of P1-1"),
    ("text", "some words", "some\x07words", "text:1: found 'some\\x07words', expected characters that can be printed"),
    ("utt2dur", "4.5", "0", "utt2dur:1: found 'P1-1 0', expected an utterance and its seconds, above 0"),
    ("utt2dur", "4.5", "nan", "utt2dur:1: found 'P1-1 nan'"),
    ("utt2dur", "4.5", "4.5 s", "utt2dur:1: found 'P1-1 4.5 s'"),
    ("utt2num_frames", "450", "0", "utt2num_frames:1: found 'P1-1 0'"),
    ("utt2num_frames", "450", "4.5", "utt2num_frames:1: found 'P1-1 4.5', expected an utterance and its number"),
    ("reco2dur", "4.5", "-1", "reco2dur:1: found 'P1-1 -1'"),
    ("reco2dur", "P1-2", "P1-3", "reco2dur:2: found P1-3, which is none of the utterances"),
    ("reco2file_and_channel", "a A", "a C", "reco2file_and_channel:1: found 'P1-1 a C', expected a recording"),
    ("cmvn.scp", "P10 ", "P11 ", "cmvn.scp: found 2 of the 3 speakers"),
    ("spk2gender", "f", "F", "spk2gender:1: found 'P1 F', expected a speaker and m or f"),
    ("spk2warp", "P10 0.95\n", "", "spk2warp: found 2 of the 3 speakers"),
    ("spk2warp", "P10 0.95", "P10 0.5", "spk2warp:2: found 'P10 0.5', expected a speaker and its warp"),
    ("utt2warp", "P10-1 1.05\n", "", "utt2warp: found 5 of the 6 utterances"),
    ("arousal.scp", "P1-2", "P1-3", "arousal.scp:2: found P1-3, which is none of the utterances"),
    ("arousal.scp", "P10-1", "P1-1", "arousal.scp:3: found P1-1 after P1-2"),
]  # fmt: skip


@pytest.mark.parametrize("name, old, new, message", WRONG, ids=[f"{n}-{new[:9]!r}" for n, _, new, _ in WRONG])
def test_a_violation_is_reported_with_its_place(data, name, old, new, message, capsys):
    replace(data / name, old, new)
    assert f"{data}/{message}" in problems(data, capsys=capsys)


@pytest.mark.parametrize(
    "name, old, new, message",
    [
        ("segments", "P1-1 R1 0 0.5", "P1-1 R1 0", "segments:1: found 'P1-1 R1 0', expected an utterance"),
        ("segments", "P1-1 R1 0 0.5", "P1-1 R1 0.5 0.5", "segments:1: found 'P1-1 R1 0.5 0.5'"),
        ("segments", "P1-1 R1 0 0.5", "P1-1 R1 0 -1", "segments:1: found 'P1-1 R1 0 -1'"),
        ("segments", "P1-1 R1 0 0.5", "P1-1 R1 0 inf", "segments:1: found 'P1-1 R1 0 inf'"),
        ("segments", "P1-1 R1 0 0.5", "P1-1 R1 0 1e400", "segments:1: found 'P1-1 R1 0 1e400'"),
        ("segments", "P1-1 R1 0 0.5\n", "", "segments: found 5 of the 6 utterances"),
        (
            "segments",
            "P1-1 R1",
            "P1-1 R3",
            "wav.scp: found 2 of the 3 recordings of segments, expected all; without: R3",
        ),
        ("wav.scp", "R2", "R3", "wav.scp:2: found R3, which is none of the recordings"),
        ("reco2dur", "R2 60\n", "", "reco2dur: found 1 of the 2 recordings"),
    ],
)
def test_with_segments_recordings_are_what_they_name(segmented, name, old, new, message, capsys):
    replace(segmented / name, old, new)
    assert f"{segmented}/{message}" in problems(segmented, capsys=capsys)


def test_segments_without_recordings_are_refused_even_with_no_wav_and_not_mended(segmented):
    (segmented / "wav.scp").unlink()
    message = "wav.scp: no such file, expected one: segments are parts"
    assert message in call("validate_data_dir.sh", "--no-wav", segmented, status=1).stderr
    before = (segmented / "utt2spk").read_text()
    assert message in call("fix_data_dir.sh", segmented, status=1).stderr
    assert (segmented / "utt2spk").read_text() == before and not (segmented / ".backup").exists()


def test_every_violation_is_reported_at_once(data, capsys):
    for name, old, new, _ in [WRONG[0], WRONG[10], WRONG[23], WRONG[-1]]:
        replace(data / name, old, new)
    found = problems(data, capsys=capsys)
    assert all(message in found for *_, message in [WRONG[0], WRONG[10], WRONG[23], WRONG[-1]])


@pytest.mark.parametrize(
    "name, old, new, end",
    [
        ("wav.scp", "P1-2", "P1-3", "expected only such ids; run utils/fix_data_dir.sh {}"),
        ("text", "P1-2 some words\n", "", "without: P1-2; make them, or leave them out; run utils/fix_data_dir.sh {}"),
        (
            "cmvn.scp",
            "P10 cmvn.ark:5\n",
            "",
            "without: P10; make them, or leave them out; run utils/fix_data_dir.sh {}",
        ),
        ("vad.scp", "P1-2 vad.ark:17\n", "", "without: P1-2; make them, or remove the file"),
        ("spk2utt", "P10 P10-1\n", "", "without: P10; run utils/fix_data_dir.sh {}"),
    ],
)
def test_a_problem_ends_with_its_cure(data, name, old, new, end, capsys):
    replace(data / name, old, new)
    assert f"{end.format(data)}\n" in problems(data, capsys=capsys)


def test_three_missing_ids_are_named_and_more_are_dots(data, capsys):
    (data / "vad.scp").write_text("P1-1 vad.ark:17\nP1-2 vad.ark:17\nP10-1 vad.ark:17\n")
    assert "without: P2-1, P2-2, P2-3; make" in problems(data, capsys=capsys)
    (data / "vad.scp").write_text("P1-1 vad.ark:17\nP1-2 vad.ark:17\n")
    assert "without: P10-1, P2-1, P2-2 ...; make" in problems(data, capsys=capsys)


def test_of_speakers_in_another_order_the_first_one_is_named(tmp_path, capsys):
    data = tmp_path / "data"
    write(data, utt2spk=["a S3", "b S2", "c S1"], spk2utt=["S1 c", "S2 b", "S3 a"])
    found = problems(data, "--no-feats", "--no-text", "--no-wav", capsys=capsys)
    assert "utt2spk:2: found speaker S2 after S3" in found and "S1 after" not in found


def test_any_characters_pass_when_told(data):
    replace(data / "text", "some words", "some\x07words")
    call("validate_data_dir.sh", "--non-print", data)


def test_no_spk_sort_accepts_speakers_in_another_order(tmp_path, capsys):
    data = tmp_path / "data"
    write(data, utt2spk=["a S2", "b S1"], spk2utt=["S1 b", "S2 a"])
    options = ["--no-feats", "--no-text", "--no-wav"]
    assert "found speaker S1 after S2" in problems(data, *options, capsys=capsys)
    call("validate_data_dir.sh", *options, "--no-spk-sort", data)


def test_an_underscore_after_the_speaker_sorts_wrongly_and_the_cure_is_said(tmp_path, capsys):
    data = tmp_path / "data"
    write(data, utt2spk=["P10_1 P10", "P1_1 P1"], spk2utt=["P1 P1_1", "P10 P10_1"])
    assert "with its speaker's and a '-'" in problems(data, "--no-feats", "--no-text", "--no-wav", capsys=capsys)


def test_one_speaker_or_channel_1_gives_a_warning(tmp_path):
    data = tmp_path / "data"
    write(data, utt2spk=["a a"], spk2utt=["a a"], reco2file_and_channel=["a x 1"])
    done = call("validate_data_dir.sh", "--no-feats", "--no-text", "--no-wav", data)
    assert "WARNING: " in done.stderr and "only one speaker" in done.stderr and "channel 1" in done.stderr


def test_many_problems_are_counted(data, capsys):
    (data / "text").write_text("x\n" * 500)
    assert "problems more" in problems(data, capsys=capsys)


@pytest.mark.parametrize("words", [[], ["a", "b"], ["--no-such", "data"], ["none"]])
def test_validate_refuses_a_wrong_command_line(words):
    call("validate_data_dir.sh", *words, status=1)


@pytest.mark.parametrize("script", ["validate_data_dir.sh", "fix_data_dir.sh", "split_data.sh"])
@pytest.mark.parametrize("word", ["-h", "--help"])
def test_help(script, word):
    assert "e.g.:" in call(script, word).stdout


@pytest.mark.parametrize("script", ["validate_data_dir.sh", "fix_data_dir.sh", "split_data.sh"])
def test_the_script_calls_its_program(script, data):
    good = [data, "2"] if script == "split_data.sh" else [data]
    for words, status, said in ((["--help"], 0, "e.g.:"), (["a", "b", "c"], 1, ""), (good, 0, "")):
        done = subprocess.run([ROOT / "utils" / script, *words], capture_output=True, text=True)
        assert done.returncode == status and said in done.stdout


# fix_data_dir.sh


def ids(path):
    return [line.split()[0] for line in path.read_text().splitlines()]


def test_a_correct_directory_is_left_alone(data):
    for path in data.iterdir():
        os.utime(path, (1, 1))
    assert "kept all 6 utterances" in call("fix_data_dir.sh", data).stdout
    assert {path.stat().st_mtime for path in data.iterdir()} == {1.0}


@pytest.mark.parametrize(
    "name, old, new",
    [
        ("feats.scp", "P1-2 feats.ark:17\n", ""),
        ("text", "P1-2 some words\n", ""),
        ("utt2lang", "P1-2 fr\n", ""),
        ("wav.scp", "P1-2 wav/a.wav\n", ""),
        ("utt2dur", "P1-2 4.5", "P1-2 0"),
        ("utt2num_frames", "P1-2 450", "P1-2 0"),
    ],
)
def test_utterances_that_a_file_lacks_are_dropped_from_all(data, name, old, new):
    replace(data / name, old, new)
    (data / ".backup").mkdir()
    before = (data / "utt2spk").read_text()
    assert "kept 5 utterances out of 6" in call("fix_data_dir.sh", data).stdout
    left = [utterance for utterance in UTTERANCES if utterance != "P1-2"]
    for file in ["utt2spk", "wav.scp", "feats.scp", "vad.scp", "text", "utt2uniq", "utt2dur", "reco2dur"]:
        assert ids(data / file) == left, file
    assert ids(data / "arousal.scp") == ["P1-1", "P10-1", "P2-1"]
    assert (data / "spk2utt").read_text().startswith("P1 P1-1\n")
    assert (data / ".backup" / "utt2spk").read_text() == before
    call("validate_data_dir.sh", data)


def test_the_original_files_stay_when_a_directory_is_fixed_again(data):
    before, backup = (data / "utt2spk").read_text(), data / ".backup"
    for line in ("P1-2 wav/a.wav\n", "P10-1 wav/a.wav\n"):
        replace(data / "wav.scp", line, "")
        call("fix_data_dir.sh", data)
    first = backup / ".backup"
    assert (first / "utt2spk.1").read_text() == before and "P1-2" not in (backup / "utt2spk").read_text()
    assert ": P1-2:" in (first / "left_out.1").read_text() and ": P10-1:" in (backup / "left_out").read_text()


def test_what_was_fixed_is_on_the_disk_as_it_was_before_it_is_replaced(data, monkeypatch):
    (data / "text").write_text((data / "text").read_text().replace("\n", "\r\n"))
    synced, fsync = [], os.fsync

    def noted(descriptor):
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    assert data_dir.main(["fix", str(data)]) == 0
    assert synced == [data / ".backup/.text.tmp~", data / ".text.tmp~"]


@pytest.mark.parametrize("name", ["vad.scp", "arousal.scp", "utt2uniq"])
def test_vad_labels_and_extra_files_do_not_restrict(data, name):
    (data / name).write_text((data / name).read_text().split("\n", 1)[1])
    done = call("fix_data_dir.sh", data, status=int(name != "arousal.scp"))  # an utterance need not have labels
    assert "kept all 6" in done.stdout
    assert name == "arousal.scp" or f"left for you to mend: {data}/{name}: found 5 of the 6" in done.stderr


def test_a_speaker_without_statistics_goes_with_its_utterances(data):
    replace(data / "cmvn.scp", "P10 cmvn.ark:5\n", "")
    call("fix_data_dir.sh", data)
    assert "P10-1" not in ids(data / "utt2spk") and ids(data / "spk2warp") == ["P1", "P2"]
    call("validate_data_dir.sh", data)


def test_order_duplicates_empty_lines_and_windows_line_ends_are_mended(data):
    for name in ["utt2spk", "wav.scp", "arousal.scp", "cmvn.scp"]:
        lines = (data / name).read_text().splitlines()
        (data / name).write_bytes("\r\n".join([*reversed(lines), "", lines[0].replace("a.wav", "b.wav")]).encode())
    assert "kept all 6" in call("fix_data_dir.sh", data).stdout
    assert "b.wav" not in (data / "wav.scp").read_text()  # of two lines the first stays, as with sort -u
    call("validate_data_dir.sh", data)


MARK = "\ufeff"
MENDED = {
    "mark": lambda text: MARK + text,
    "marks of files that were joined": lambda text: MARK + text.replace("\n", f"\n{MARK}", 1),
    "Windows": lambda text: text.replace("\n", "\r\n"),
    "mark and Windows": lambda text: MARK + text.replace("\n", "\r\n"),
    "last line": lambda text: text[:-1],
    "empty line": lambda text: text + "\n",
    "blanks": lambda text: "  " + text,
    "tabs": lambda text: "\t" + text.replace(" ", " \t", 1),
    "order": lambda text: "".join(reversed(text.splitlines(keepends=True))),
    "twice": lambda text: text.split("\n")[0] + "\n" + text,
}


@pytest.mark.parametrize("fault", MENDED)
def test_what_fix_mends_is_named_with_this_cure_and_mended_in_every_file(data, capsys, fault):
    before = {path.name: path.read_text() for path in data.iterdir()}
    for name, text in before.items():
        (data / name).write_text(MENDED[fault](text), newline="")
    found = problems(data, capsys=capsys)
    for name in before:
        lines = [line for line in found.splitlines() if f"{data}/{name}:" in line]
        assert lines and all(line.endswith(f"; run utils/fix_data_dir.sh {data}") for line in lines), name
    assert data_dir.main(["fix_data_dir.sh", str(data)]) == 0
    done = capsys.readouterr()
    assert "kept all 6" in done.out and not done.err
    assert {path.name: path.read_text() for path in data.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("name, old, new, message", WRONG, ids=[f"{n}-{new[:9]!r}" for n, _, new, _ in WRONG])
def test_after_a_fix_that_succeeds_a_directory_is_valid_and_what_went_was_named(data, capsys, name, old, new, message):
    replace(data / name, old, new)
    before = set(ids(data / "utt2spk")) if name != "utt2spk" else set(UTTERANCES)
    status, done = data_dir.main(["fix_data_dir.sh", str(data)]), capsys.readouterr()
    if status:
        assert f"{data}/" in done.err and ("left for you to mend: " in done.err or "expected" in done.err)
        assert done.out or not (data / ".backup").exists()
    else:
        assert data_dir.main(["validate_data_dir.sh", "--non-print", str(data)]) == 0
    for utterance in before - set(ids(data / "utt2spk")):
        lacking = "cmvn.scp" if name == "utt2spk" else name  # of the speaker whom it names instead
        assert re.search(rf"utterances left out, (not in )?{lacking}.*: {utterance}", done.err)


def test_all_that_is_left_out_is_named_with_the_file_that_lacks_it(data):
    many = [f"P{n}-1" for n in range(3000, 3020)]
    write(data, utt2spk=[f"{key} {key.split('-')[0]}" for key in sorted([*UTTERANCES, *many])], text=["x y"])
    (data / "text").write_text("".join(f"{key} x\n" for key in [*UTTERANCES, *many, "Q-1"]))
    replace(data / "utt2dur", "P1-2 4.5", "P1-2 inf")
    replace(data / "wav.scp", "P10-1 wav/a.wav", "P10-1")
    write(data, arousal__scp=["P1-1 1.ark:1", "P1-1 2.ark:1", "Q-1 1.ark:5"])
    done = call("fix_data_dir.sh", data)
    assert f"left out, not in wav.scp: {', '.join(many[:5])} ... (all 20 in {data}/.backup/left_out)" in done.stderr
    assert "utterances left out, utt2dur has 'inf', expected an utterance and its seconds" in done.stderr
    assert "utterances left out, wav.scp has '', expected a recording and a file" in done.stderr
    assert "lines of text left out, of no utterance of utt2spk: Q-1" in done.stderr
    assert "lines of arousal.scp left out, for the second time: P1-1 2.ark:1" in done.stderr
    left_out = (data / ".backup" / "left_out").read_text()
    assert all(f"utterances: {key}: not in wav.scp\n" in left_out for key in many)
    assert "kept 4 utterances out of 26" in done.stdout
    call("validate_data_dir.sh", data)


@pytest.mark.parametrize("name", ["utt2spk", "wav.scp", "text", "segments", "arousal.scp", "cmvn.scp"])
@pytest.mark.parametrize("line", [b"P1-1 x\0y", b"P1-1 caf\xe9", b"../P1-1 P1", b"P1-1\0 x"])
def test_lines_that_nobody_can_read_are_named_and_nothing_is_changed(segmented, capsys, name, line):
    (segmented / name).write_bytes(line + b"\n" + (segmented / name).read_bytes())
    before = {path.name: path.read_bytes() for path in segmented.iterdir()}
    assert f"{segmented}/{name}:1: found " in problems(segmented, capsys=capsys)
    assert (
        data_dir.main(["fix_data_dir.sh", str(segmented)]) == data_dir.main(["split_data.sh", str(segmented), "2"]) == 1
    )
    fixed, parted = capsys.readouterr().err.split("split_data.sh: ")
    assert f"nothing was changed; mend these yourself:\n  {segmented}/{name}:1: found " in fixed
    assert parted.startswith(f"{segmented}/{name}:1: found ")
    assert {path.name: path.read_bytes() for path in segmented.iterdir()} == before


def test_five_ids_of_a_reason_are_printed_and_more_counted(data):
    write(data, text=["P1-1 x", *each(["Q1", "Q2", "Q3", "Q4", "Q5"], "x")])
    done = call("fix_data_dir.sh", data)
    assert "left out, not in text: P1-2, P10-1, P2-1, P2-2, P2-3\n" in done.stderr
    assert "lines of text left out, of no utterance of utt2spk: Q1, Q2, Q3, Q4, Q5\n" in done.stderr
    write(data, text=["P1-1 x", *each(["Q1", "Q2", "Q3", "Q4", "Q5", "Q6"], "x")])
    done = call("fix_data_dir.sh", data)
    assert f": Q1, Q2, Q3, Q4, Q5 ... (all 6 in {data}/.backup/left_out)\n" in done.stderr


def test_without_recordings_and_segments_there_is_no_less_to_fix(data):
    for name in ("wav.scp", "reco2dur", "reco2file_and_channel"):
        (data / name).unlink()
    replace(data / "text", "P1-2 some words\n", "")
    assert "kept 5 utterances out of 6" in call("fix_data_dir.sh", data).stdout


def test_with_segments_recordings_are_kept_in_step(segmented):
    replace(segmented / "wav.scp", "R2 sph2pipe ~/a.sph |\n", "")
    assert "kept 3 utterances out of 6" in call("fix_data_dir.sh", segmented).stdout
    assert ids(segmented / "segments") == UTTERANCES[:3] and ids(segmented / "reco2dur") == ["R1"]
    call("validate_data_dir.sh", segmented)


def test_extra_files_are_kept_in_step_when_told(data):
    write(data, notes=each(reversed(UTTERANCES), "x"), ages=each(reversed(SPEAKERS), "30"), others=["z", "a"])
    replace(data / "feats.scp", "P10-1 feats.ark:17\n", "")
    done = call("fix_data_dir.sh", "--utt-extra-files", "notes none", "--spk-extra-files", "ages", data)
    assert ids(data / "notes") == [utterance for utterance in UTTERANCES if utterance != "P10-1"]
    assert ids(data / "ages") == ["P1", "P2"] and ids(data / "others") == ["z", "a"]
    assert "WARNING" in done.stderr and "none: no such file" in done.stderr


@pytest.mark.parametrize(
    "name, text, message",
    [
        ("feats.scp", "x y\n", "no utterance is in all files (P1-1: not in feats.scp; P1-2: not in feats.scp;"),
        ("utt2spk", "P1-1 P2\nP2-1 P1\n", "fix this yourself"),
        ("utt2spk", "P1-1 P1 x\n", "expected two fields"),
        ("utt2spk", "", "is empty"),
    ],
)
def test_what_cannot_be_mended_changes_nothing(data, name, text, message):
    for speakers in ["cmvn.scp", "spk2gender"]:
        (data / speakers).unlink()
    (data / name).write_text(text)
    before = {path.name: path.read_text() for path in data.iterdir()}
    assert message in call("fix_data_dir.sh", data, status=1).stderr
    assert {path.name: path.read_text() for path in data.iterdir()} == before


@pytest.mark.parametrize("words", [[], ["--utt-extra-files", "data"], ["--other", "x", "data"], ["none"]])
def test_fix_refuses_a_wrong_command_line(words):
    assert "fix_data_dir.sh: " in call("fix_data_dir.sh", *words, status=1).stderr


# split_data.sh


def test_a_split_keeps_speakers_whole_and_every_file_in_step(data):
    call("split_data.sh", data, "2")
    assert [ids(data / f"split2/{n}/utt2spk") for n in (1, 2)] == [UTTERANCES[:3], UTTERANCES[3:]]
    assert (data / "split2/1/spk2utt").read_text() == "P1 P1-1 P1-2\nP10 P10-1\n"
    for name in ["wav.scp", "feats.scp", "vad.scp", "text", "utt2lang", "utt2dur", "utt2num_frames"]:
        assert ids(data / "split2/2" / name) == UTTERANCES[3:]
    for name in ["cmvn.scp", "spk2gender", "spk2warp"]:
        assert ids(data / "split2/2" / name) == ["P2"]
    assert ids(data / "split2/1/arousal.scp") == UTTERANCES[:3] and ids(data / "split2/2/arousal.scp") == ["P2-1"]
    call("validate_data_dir.sh", data / "split2/1")


def test_joined_in_order_the_parts_are_the_whole(data):
    call("split_data.sh", data, "3")
    assert "".join((data / f"split3/{n}/feats.scp").read_text() for n in (1, 2, 3)) == (data / "feats.scp").read_text()


def test_a_table_without_any_line_is_without_any_line_in_each_part(data):
    (data / "vad.scp").write_text("")
    call("split_data.sh", data, "2")
    assert (data / "split2/1/vad.scp").read_text() == (data / "split2/2/vad.scp").read_text() == ""


@pytest.mark.parametrize("options, name", [([], "split1"), (["--per-utt"], "split1utt")])
def test_one_part_is_the_whole(data, options, name):
    call("split_data.sh", *options, data, "1")
    assert [path.name for path in (data / name).iterdir()] == ["1"]
    assert (data / name / "1" / "feats.scp").read_text() == (data / "feats.scp").read_text()


def test_a_split_by_utterance(data):
    call("split_data.sh", "--per-utt", data, "4")
    parts = [ids(data / f"split4utt/{n}/wav.scp") for n in range(1, 5)]
    assert parts == [UTTERANCES[:2], UTTERANCES[2:4], UTTERANCES[4:5], UTTERANCES[5:]]
    assert (data / "split4utt/2/spk2utt").read_text() == "P10 P10-1\nP2 P2-1\n"


def test_a_split_with_segments_takes_the_recordings_that_it_needs(segmented):
    call("split_data.sh", segmented, "3")
    assert ids(segmented / "split3/2/wav.scp") == ["R1"] and ids(segmented / "split3/3/wav.scp") == ["R2"]
    assert ids(segmented / "split3/3/segments") == UTTERANCES[3:]
    assert ids(segmented / "split3/3/reco2file_and_channel") == ["R2"]


@pytest.mark.parametrize(
    "words, message",
    [
        (["data", "4"], "found 4 parts, expected 1 to 3, the number of speakers; ask for fewer, or give --per-utt"),
        (["--per-utt", "data", "7"], "found 7 parts, expected 1 to 6, the number of utterances"),
        (["data", "0"], "found 0 parts"),
        (["data", "x"], "split_data.sh: found 'x', expected a number of parts"),
        (["data"], "split_data.sh: found the argument data, missing: <number-of-parts>"),
        ([], "split_data.sh: found no argument, missing: <data-dir> <number-of-parts>"),
        (["data", "2", "3"], "split_data.sh: found '3', expected nothing after <data-dir> <number-of-parts>"),
        (["none", "2"], "none/utt2spk: no such file"),
    ],
)
def test_a_split_that_cannot_be_is_refused_and_leaves_nothing(data, monkeypatch, words, message):
    monkeypatch.chdir(data.parent)
    assert message in call("split_data.sh", *words, status=1).stderr
    assert not list(data.glob("split*"))


def test_a_second_split_writes_only_what_changed(data):
    call("split_data.sh", data, "3")
    parts = list(data.glob("split3/*/*"))
    for path in parts:
        os.utime(path, (1, 1))
    replace(data / "feats.scp", "P10-1 feats.ark:17", "P10-1 feats.ark:18")
    (data / "arousal.scp").unlink()
    os.utime(data / "split3", (1, 1))
    call("split_data.sh", data, "3")
    assert (data / "split3").stat().st_mtime > 1  # Kaldi's scripts compare feats.scp with this folder
    changed = [str(path.relative_to(data)) for path in parts if not path.exists() or path.stat().st_mtime != 1]
    assert sorted(changed) == [
        "split3/1/arousal.scp",
        "split3/2/arousal.scp",
        "split3/2/feats.scp",
        "split3/3/arousal.scp",
    ]


@pytest.mark.parametrize(
    "sizes, number, expected", [([1, 1, 1, 1, 9], 2, [4, 1]), ([9, 1, 1], 3, [1, 1, 1]), ([2] * 9, 4, [2, 2, 3, 2])]
)
def test_parts_hold_whole_speakers_and_are_as_even_as_can_be(sizes, number, expected):
    utt2spk = {f"s{s}-{n}": f"s{s}" for s, size in enumerate(sizes) for n in range(size)}
    parts = split.speaker_parts(utt2spk, number)
    assert [utterance for part in parts for utterance in part] == sorted(utt2spk)
    assert [len({utt2spk[utterance] for utterance in part}) for part in parts] == expected


def test_parts_end_where_the_utterances_are_most_evenly_shared():
    count = [1, 1, 5, 1, 2, 9, 1, 1]
    utt2spk = {f"P{n}-{m}": f"P{n}" for n, many in enumerate(count) for m in range(many)}
    for number in range(1, 9):
        sizes, reached = [len(part) for part in split.speaker_parts(utt2spk, number)], 0
        for part, size in enumerate(sizes[:-1], 1):
            ends = [sum(count[:n]) for n in range(1, 9) if sum(count[:n]) > reached and 8 - n >= number - part]
            reached += size
            assert reached == min(ends, key=lambda end, goal=part * 21 / number: abs(end - goal))
        assert sum(sizes) == 21 and len(sizes) == number


def test_thousands_of_parts_are_found_in_a_moment():
    utt2spk = {f"P{n:05d}": f"P{n:05d}" for n in range(20_000)}
    begun = time.process_time()
    assert {len(part) for part in split.speaker_parts(utt2spk, 5000)} == {4}
    assert time.process_time() - begun < 2  # each part with each speaker: ten times that

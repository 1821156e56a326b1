"""The open corpus, egs/synth: its layout, its determinism, and the properties that its model states."""

import subprocess
import sys
import wave
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from egs.synth import generate
from egs.synth.model import emotion, parameters, phones, raters, streams, voice
from egs.synth.model.corpus import entries
from egs.synth.model.recording import draw_scene, hear, make

ROOT = Path(__file__).resolve().parent.parent
SYNTH = ROOT / "egs" / "synth"

SECONDS = 10
OPTIONS = [f"--duration={SECONDS}", "--num-speakers=2"]
NAMES = ["P13", "P16", "P19", "P20", "P21", "P26"]  # the first two of train, dev and test
AUDIO = "RECOLA-Audio-recordings"
RATINGS = "RECOLA-Annotation/emotional_behaviour"

# Seed 1, P16, 20 s: the ratings at 10 s, samples from 5 s on, and the level
GOLDEN_RATINGS = [[-0.26, -0.37, -0.06, -0.05, 0.1, 0.21], [0.24, 0.01, 0.39, 0.47, 0.05, 0.25]]
GOLDEN_SAMPLES = [42, 31, 377, 1046, 175, -776, -22, -21]
GOLDEN_LEVEL = 644.7

# Seed 1, a woman and a man with backchannels and clicks, 20 s: index, the level of each second, and the first ratings
GOLDEN_SECONDS = {
    "train_2": (
        1, [73.6, 73.7, 88.6, 84.1, 91.2, 2611.0, 2461.0, 2409.6, 2289.9, 2057.5,
            2732.2, 1125.1, 526.1, 88.3, 91.0, 93.2, 86.0, 2235.7, 4640.5, 1961.3],
        [[-0.47, -0.67, -0.22, -0.46, -0.08, -0.6], [0.11, 0.02, -0.01, 0.1, 0.05, -0.01]],
    ),
    "train_3": (
        2, [200.0, 1352.7, 1497.6, 2797.4, 2018.6, 2052.5, 2369.5, 1705.5, 204.0, 632.3,
            1910.8, 2117.1, 2202.3, 273.8, 1310.1, 1893.4, 2143.7, 283.1, 273.6, 2809.5],
        [[-0.61, -0.35, -0.25, -0.37, -0.18, -0.52], [-0.22, -0.2, -0.69, -0.08, -0.21, -0.49]],
    ),
}  # fmt: skip


def bytes_of(folder):
    """The files in a folder, but for the locks, which name the process that held them last."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.suffix != ".lock"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def samples_of(path):
    with wave.open(str(path)) as sound:
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2")


def ratings_of(path):
    return np.loadtxt(path, delimiter=";", skiprows=1)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A corpus of 6 recordings, made on the command line."""
    out = tmp_path_factory.mktemp("synth") / "corpus"
    command = [sys.executable, "-m", "egs.synth.generate", *OPTIONS, str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.splitlines()[0].startswith("1 of 6: P16, ")
    return out


@pytest.fixture(scope="module")
def scenes():
    """What happens in the whole corpus of seed 1, 27 recordings of 300 s: no audio, so it is quick."""
    return {entry.slot: draw_scene(1, entry.slot, entry.index, 300) for entry in entries()}


# What lies on disk


def test_layout_is_that_of_recolas_original_release(corpus):
    expected = {f"{AUDIO}/{name}.wav" for name in NAMES}
    expected |= {f"{RATINGS}/{dimension}/{name}.csv" for dimension in ("arousal", "valence") for name in NAMES}
    assert set(bytes_of(corpus)) == expected | {"README", "SYNTHETIC", "partition.txt"}


def test_partition_is_that_of_avec_2016():
    whole = entries()
    assert len({entry.name for entry in whole}) == 27
    assert (
        whole[0] == ("P16", "train_1", 0) and whole[13] == ("P34", "dev_5", 13) and whole[26] == ("P63", "test_9", 26)
    )
    assert set(entries(3)) < set(whole)


def test_folder_says_that_it_is_synthetic(corpus):
    marker = f"seed=1 duration={SECONDS} num_speakers=2"
    assert (corpus / "SYNTHETIC").read_text() == marker + "\n"
    readme = (corpus / "README").read_text()
    assert "SYNTHETIC" in readme and marker in readme


@pytest.mark.parametrize("name", NAMES)
def test_recordings_are_16_khz_mono_16_bit_and_do_not_clip(corpus, name):
    with wave.open(str(corpus / AUDIO / f"{name}.wav")) as sound:
        assert sound.getparams()[:4] == (1, 2, 16000, SECONDS * 16000)
    samples = samples_of(corpus / AUDIO / f"{name}.wav").astype(float)
    assert np.mean(np.abs(samples) >= 32767) < 5e-4
    assert 30 < samples.std() < 6000


@pytest.mark.parametrize("dimension", ["arousal", "valence"])
def test_ratings_have_recolas_header_and_both_ends(corpus, dimension):
    lines = (corpus / RATINGS / dimension / "P16.csv").read_text().splitlines()
    assert lines[0] == "time;FM1 ;FM2 ;FM3 ;FF1 ;FF2 ;FF3"
    assert lines[1].startswith("0.00;") and lines[2].startswith("0.04;") and lines[-1].startswith("10.00;")
    assert len(lines) == 1 + SECONDS * 25 + 1
    assert all(len(field.split(".")[1]) == 2 for line in lines[1:] for field in line.split(";"))
    assert np.abs(ratings_of(corpus / RATINGS / dimension / "P16.csv")[:, 1:]).max() <= 1


# Determinism


def test_two_jobs_write_the_same_bytes_as_one_and_a_second_run_changes_nothing(corpus, tmp_path, capsys):
    for job in (2, 1, 1):
        generate.main([*OPTIONS, f"--job={job}", "--num-jobs=2", str(tmp_path)])
    assert "1 of 3: P21, " in capsys.readouterr().out
    assert bytes_of(tmp_path) == bytes_of(corpus)


def test_another_seed_is_another_corpus():
    (samples, ratings), (others, other_ratings) = (make(seed, "train_1", 0, SECONDS) for seed in (1, 2))
    assert not np.array_equal(ratings, other_ratings)
    assert abs(np.corrcoef(samples, others)[0, 1]) < 0.1


def test_corpus_of_seed_1_is_frozen():
    """A change here is a change of every result on the open corpus. A last bit may differ from CPU to CPU."""
    samples, ratings = make(1, "train_1", 0, 20)
    assert ratings[:, :, 250].tolist() == GOLDEN_RATINGS
    np.testing.assert_allclose(samples[80000:320000:30000], GOLDEN_SAMPLES, atol=1)
    assert samples.astype(float).std() == pytest.approx(GOLDEN_LEVEL, rel=1e-3)


@pytest.mark.parametrize("slot", GOLDEN_SECONDS)
def test_every_second_is_frozen(slot):
    index, levels, first = GOLDEN_SECONDS[slot]
    samples, ratings = make(1, slot, index, 20)
    found = np.sqrt(np.mean(samples.reshape(20, -1).astype(float) ** 2, axis=1))
    np.testing.assert_allclose(found, levels, rtol=1e-3)
    assert ratings[:, :, 0].tolist() == first


def test_constants_are_frozen():
    """The smallest change of one makes another corpus, even where no ear could tell."""
    names = ("CUES", "EMOTION", "EXPRESSION", "HABITS", "TALK", "PERCEPTION", "JUDGEMENT")
    tables = (phones.VOWELS, phones.CONSONANTS, *(getattr(parameters, name) for name in names))
    assert zlib.crc32(repr(tables).encode()) == 0x2F4B0C12


# What the model states


def test_ornstein_uhlenbeck_has_unit_variance_and_forgets_within_tau():
    runs = np.stack([streams.ornstein_uhlenbeck(streams.stream(1, k), 200, 2.0, 25) for k in range(4000)])
    assert runs.var(axis=0) == pytest.approx(1, abs=0.12)  # from the first sample to the last
    assert np.mean(runs[:, 100] * runs[:, 50]) == pytest.approx(np.exp(-1), abs=0.06)


def test_emotion_has_about_unit_variance_and_correlated_dimensions(scenes):
    felt = np.concatenate([scene.emotion for scene in scenes.values()], axis=1)
    assert 0.6 < felt[0].var() < 1.1 and 0.6 < felt[1].var() < 1.1
    assert 0.1 < np.corrcoef(felt)[0, 1] < 0.5
    assert np.abs(felt).max() < 2.5


def test_person_speaks_about_half_of_the_time(scenes):
    shares = [scene.speaking.mean() for scene in scenes.values()]
    assert min(shares) > 0.4 and max(shares) < 0.65


@pytest.mark.parametrize(("d", "earliest", "latest"), [(0, 3.0, 4.5), (1, 3.8, 5.5)])
def test_raters_lag_the_emotion_by_some_seconds(scenes, d, earliest, latest):
    """The consensus of the six raters resembles the emotion most when it is shifted back by their mean lag."""
    lags = np.arange(0, 10, 0.2)
    resemblance = np.zeros(len(lags))
    for slot, scene in scenes.items():
        consensus = raters.rate(1, slot, scene.perceived)[d].mean(axis=0)
        felt = scene.emotion[d]
        for k, frames in enumerate(np.round(lags * 25).astype(int)):
            resemblance[k] += np.corrcoef(felt[: len(felt) - frames], consensus[frames:])[0, 1] / len(scenes)
    assert earliest < lags[resemblance.argmax()] < latest
    assert resemblance.max() - resemblance[0] > 0.1


def test_raters_keep_their_ways_over_the_corpus_and_differ_from_each_other():
    drawn = [raters.draw_rater(1, 0, r) for r in range(6)]
    assert drawn == [raters.draw_rater(1, 0, r) for r in range(6)]
    assert len({rater.lag for rater in drawn}) == 6
    assert all(1.0 <= rater.lag <= 3.5 for rater in drawn)


def test_slider_has_two_ends_and_a_voice_that_is_too_loud_is_cut_off():
    for felt, end in ((30.0, 1.0), (-30.0, -1.0)):
        assert np.all(raters.rate(1, "train_1", np.full((2, 50), felt)) == end)
    scene = draw_scene(1, "train_3", 2, 5)
    loud = hear(1, "train_3", replace(scene, speaker=replace(scene.speaker, level=20.0)))
    assert loud.max() == 32767 and loud.min() == -32768


def test_a_smoothed_track_is_late_nowhere_not_even_at_its_ends():
    constant, impulse = np.full(60, 2.0), np.zeros(61)
    impulse[30] = 1
    assert streams.smooth(constant, 0.1, 25) == pytest.approx(2)
    assert streams.smooth(impulse, 0.1, 25) == pytest.approx(streams.smooth(impulse, 0.1, 25)[::-1], abs=1e-6)
    assert streams.smooth(impulse, 0.1, 25).argmax() == 30


def test_slider_stays_within_its_dead_band_and_moves_beyond_it():
    assert raters._dead_band(np.array([0.0, 0.015, -0.015, 0.05, 0.04]), 0.02) == pytest.approx([0, 0, 0, 0.03, 0.03])


def test_arousal_is_heard_more_than_valence(scenes):
    """One SD of arousal makes the same words louder, by 3 dB and the brighter spectrum; one of valence much less."""

    def level(arousal, valence):
        expression = np.repeat([[arousal], [valence]], scene.emotion.shape[1], axis=1)
        speech = voice.speak(streams.stream("test"), scene.speaker, scene.score, expression, 30 * 16000)
        return 10 * np.log10(np.mean(speech**2))

    scene = scenes["train_1"]
    assert 2 < level(1, 0) - level(0, 0) < 7
    assert level(0, 1) - level(0, 0) < level(1, 0) - level(0, 0) - 1


def test_face_reaches_the_raters_and_never_the_audio(monkeypatch):
    samples, ratings = make(1, "dev_1", 9, SECONDS)
    blank = replace(emotion.EXPRESSION, face_error=(4.0, 4.0))
    monkeypatch.setattr(emotion, "EXPRESSION", blank)
    grimaced, seen = make(1, "dev_1", 9, SECONDS)
    assert np.array_equal(grimaced, samples)
    assert not np.array_equal(seen, ratings)


def test_recording_in_which_nobody_speaks_is_its_background_noise():
    scene = draw_scene(1, "train_2", 1, 5)  # such a one, by chance
    assert not scene.score.speaking.any()
    assert 0 < np.abs(hear(1, "train_2", scene).astype(float)).mean() < 3000


# Mistakes


@pytest.mark.parametrize(
    ("options", "found", "expected"),
    [
        (["--duration=4"], "found '4'", "from 5 on"),
        (["--duration=short"], "'short'", "whole number"),
        (["--num-speakers=10"], "found '10'", "from 1 to 9"),
        (["--num-speakers=0"], "found '0'", "from 1 to 9"),
        (["--job=3", "--num-jobs=2"], "found 3", "1 to 2"),
        (["--job=0"], "found '0'", "from 1 to"),
        (["--num-jobs=0"], "found '0'", "from 1 to"),
        (["--num-jobs=2"], "without --job", "1 to 2"),
        (["--durat=10"], "unrecognized arguments: --durat=10", "see --help"),
    ],
)
def test_bad_options_name_what_was_found_and_expected(options, found, expected, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        generate.main([*options, str(tmp_path / "out")])
    message = capsys.readouterr().err
    assert ended.value.code != 0
    assert found in message and expected in message
    assert not (tmp_path / "out").exists()


def refusal(*words):
    """The sentence with which the generator ends."""
    with pytest.raises(SystemExit) as ended:
        generate.main([*OPTIONS, *map(str, words)])
    return ended.value.code


def test_corpus_of_other_options_is_not_written_over(corpus):
    before = bytes_of(corpus)
    assert "seed=1" in refusal("--seed=2", corpus)
    assert bytes_of(corpus) == before


def test_real_recola_is_not_written_over(tmp_path):
    (tmp_path / AUDIO).mkdir()
    assert "not synthetic" in refusal(tmp_path)
    assert bytes_of(tmp_path) == {}


@pytest.mark.parametrize("name", ["README", "partition.txt", "notes/today.txt", ".hidden"])
def test_folder_of_the_users_is_not_written_to(name, tmp_path):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine\n")
    message = refusal(tmp_path)
    assert "not synthetic" in message and name.partition("/")[0] in message
    assert bytes_of(tmp_path) == {name: b"mine\n"}


def test_file_in_the_place_of_the_folder_is_named(tmp_path):
    (tmp_path / "out").write_text("mine\n")
    assert f"{tmp_path}/out" in refusal(tmp_path / "out")


# The whole of stage 0


def prepare(corpus, data, *options):
    """Run prepare.sh as run.sh does; returns its exit status and what it printed."""
    command = [SYNTH / "prepare.sh", "--nj", "1", "--opts", " ".join([*OPTIONS, *options]), corpus, data]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--gold-standrad=ewe", "unrecognized arguments: --gold-standrad=ewe"),
        ("--gold-standard=foo", "--gold-standard=foo: expected one of"),
        ("--gold-standard=given", "has none of its own"),
        ("--partition=/nowhere/partition.txt", "/nowhere/partition.txt: cannot be read"),
    ],
)
def test_bad_options_of_the_preparation_are_found_before_anything_is_generated(option, message, tmp_path):
    status, text = prepare(tmp_path / "corpus", tmp_path / "data", option)
    assert status != 0 and message in text
    assert bytes_of(tmp_path) == {}


def test_what_was_deleted_is_generated_again_and_two_data_folders_share_a_corpus(tmp_path):
    corpus, first, second, short = tmp_path / "corpus", tmp_path / "first", tmp_path / "second", "--duration=5"
    assert "generated 6 recordings" in prepare(corpus, first, short)[1]
    whole = bytes_of(corpus)
    for name in (f"{AUDIO}/P13.wav", "README"):
        (corpus / name).unlink()
        assert "generated 6 recordings" in prepare(corpus, first, short)[1]
        assert bytes_of(corpus) == whole
    assert f"{corpus} is up to date" in prepare(corpus, second, short)[1]
    assert (second / "dev" / "wav.scp").exists() and f"{corpus} is up to date" in prepare(corpus, first, short)[1]
    assert (first / "log" / "generate.1.log").exists() and not (second / "log").exists()

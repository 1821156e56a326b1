"""The HTML report: one page of a corpus's experiments and one of a recording, read as text and, where marked, opened
in Chromium: played, clicked, zoomed, sorted, printed."""

import base64
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import time
from html.parser import HTMLParser
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest
import soundfile
from conftest import ROOT, score_record, write_predictions, write_wav

from cer.base import kinds
from cer.base.csvs import read_predictions
from cer.bin import score
from cer.data import corpus as corpus_of_data
from cer.data import datadir
from cer.data.corpora import write_corpora
from cer.data.corpus import Recording, write_recordings
from cer.scoring import scores as scores_of_sets
from local.benchmark.measure import process
from local.page import glance, heat, packed, scores
from local.page import own as of_networks
from local.page import page as html
from local.page import recording as recording_page
from local.page import recordings as recordings_of_page
from local.page import report as report_page
from local.page import sound as sound_of_page
from local.paper import ceiling, figure1, figure4
from local.results import collect_results, sections, style
from local.results.tables import our_rows

SHIFT, SECONDS, RATE, CLICK = 0.04, 20, 16000, 12.5
RATERS = ["R1", "R2", "R3"]


def write_sound(path):
    """Quiet noise with a loud click at CLICK seconds."""
    samples = np.random.default_rng(1).normal(0, 100, SECONDS * RATE)
    samples[round(CLICK * RATE) : round(CLICK * RATE) + 40] = 25000
    return write_wav(path, samples, RATE)


def write_set(data, name, labels=True, ratings=True):
    random, seconds, recordings = np.random.default_rng(len(name)), SHIFT * np.arange(SECONDS / SHIFT + 1), []
    for n in range(3):
        key = f"P{n}{name}"
        rec = Recording(key, f"P{n}", write_sound(data / f"{key}.wav"))
        for target in ("arousal", "valence"):
            gold = 0.5 * np.sin(0.5 * seconds + random.uniform(0, 6)) + random.normal(0, 0.1)
            if labels:
                rec.labels[target] = gold
            if ratings:
                rec.ratings[target] = gold + random.normal(0, 0.1, (len(RATERS), 1))
        recordings.append(rec)
    write_recordings(data / name, recordings, SHIFT, RATERS)


def add_system(data, exp, system, epochs, sets=("dev",), targets=("arousal", "valence")):
    for target in targets:
        for name in sets:
            labels = dict(datadir.Archive(data / name / f"{target}.scp"))
            folder = exp / system / target / f"predict_{name}"
            write_predictions(folder, target, labels, 0.1, SHIFT)
            score.main([f"--system={system}", f"--set={name}", str(data / name), str(folder)])
        for run in ("run1", "run2"):
            lines = [f"{n},{1 / n:.6f},{1 - 1 / n:.6f}\n" for n in range(1, epochs + 1)]
            (exp / system / target / run).mkdir(parents=True)
            (exp / system / target / run / "progress.csv").write_text("epoch,train_loss,dev_ccc\n" + "".join(lines))
        (exp / system / target / "command").write_text(f"# commit 0123abcd\n./run.sh --archs {system}\n")


@pytest.fixture
def corpus(tmp_path):
    """(data, exp): dev and test sets with sound, labels and raters; a trained system and one that is solved at once."""
    data, exp = tmp_path / "data", tmp_path / "exp"
    data.mkdir()
    for name in ("dev", "test"):
        write_set(data, name)
    add_system(data, exp, "downup", 8, ("dev", "test"))
    add_system(data, exp, "svr", 1, targets=("arousal",))
    collect_results.main([str(exp)])
    return data, exp


@pytest.fixture
def make(corpus):
    """Make the report with these options and return it as text."""

    def call(*options):
        data, exp = corpus
        report_page.main([str(data), str(exp), *options])
        return (exp / "report.html").read_text(encoding="utf-8")

    return call


def embedded(page, name):
    return json.loads(re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', page, re.DOTALL)[1])


class Outline(HTMLParser):
    """What a page refers to, its heads of columns and rows, and its ids."""

    def __init__(self, page):
        super().__init__()
        self.addresses, self.scopes, self.ids, self.tags, self.attributes = [], [], [], [], set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.append(tag)
        self.attributes |= found.keys()
        self.addresses += [found[name] for name in ("src", "href") if name in found]
        self.scopes += [found.get("scope")] if tag == "th" else []
        self.ids += [found["id"]] if "id" in found else []


def test_the_page_holds_everything_itself_and_the_same_bytes_each_time(make, corpus, capsys):
    page = make()
    outline = Outline(page)
    assert outline.addresses and all(re.match("#|data:", address) for address in outline.addresses)
    assert "default-src 'none'" in page and "iframe" not in outline.tags
    assert len(outline.ids) == len(set(outline.ids))
    assert make() == page
    assert f"{corpus[1]}/report.html: {len(page.encode()) / 1e6:.1f} MB, 3 recordings" in capsys.readouterr().out


def test_tables_have_heads_and_name_commands_and_commits(make, corpus):
    page, records = make(), json.loads((corpus[1] / "results.json").read_text())
    outline = Outline(page)
    assert {"col", "row", "colgroup"} == set(outline.scopes) and outline.tags.count("table") == 2 + 1 + 1
    one = next(r for r in records if (r["system"], r["target"], r["set"]) == ("downup", "arousal", "dev"))
    low, high = one["interval"]
    assert f'<td class="number">{one["ccc"]:.3f}</td><td class="number">{low:.3f} to {high:.3f}</td>' in page
    for ccc in (recording["ccc"] for recording in one["recordings"].values()):
        assert re.search(f'<td class="number heat" style="--badness:[0-9.]+">{ccc:.3f}</td>', page)
    assert "<td>0123abcd</td><td><code>./run.sh --archs downup</code></td>" in page
    assert "Solved at once, without epochs: svr" in page and "arousal (calm to excited)" in page
    assert "paper, RECOLA" not in page


def test_what_rounds_to_zero_has_no_sign(make, corpus):
    path, tiny = corpus[1] / "results.json", {"ccc": -1e-5, "pcc": -1e-5}
    records = json.loads(path.read_text())
    for one in records:
        one |= tiny | dict.fromkeys(["ccc_mean", "ccc_per_recording", "ccc_sewa"], -1e-5)
        one |= {name: [-1e-5, 0.1] for name in one if name.startswith("interval")}
        one["recordings"] = {key: each | tiny for key, each in one["recordings"].items()}
        one["runs"] = [each | tiny | {"ccc_per_recording": -1e-5} for each in one["runs"]]
    path.write_text(json.dumps(records))
    shown = [make(), *map(scores_of_sets.table, records), str(our_rows(records, "arousal"))]
    assert [found for text in shown for found in re.findall(r"[−-]0\.0+\b", text)] == []


def test_traces_and_sound_are_those_of_the_data(make, corpus):
    page, (data, exp) = make("--sets", "test", "dev", "test"), corpus
    setup = embedded(page, "setup")
    assert [one["name"] for one in setup["recordings"]] == [f"P{n}{name}" for name in ("test", "dev") for n in range(3)]
    assert [line["name"] for line in setup["lines"]] == [*RATERS, "downup", "svr", "gold standard"]
    traces = embedded(page, "traces-4")  # P1dev: raters, predictions, gold standard
    assert [t["line"] for t in traces if t["target"] == "valence"] == [*RATERS, "downup", "gold standard"]
    wanted = {
        "gold standard": datadir.Archive(data / "dev" / "valence.scp")["P1dev"][:, 0],
        "downup": datadir.Archive(exp / "downup" / "valence" / "predict_dev" / "output.scp")["P1dev"][:, 0],
        "R2": datadir.Archive(data / "dev" / "ratings" / "valence.scp")["P1dev"][:, 1],
    }
    for t in traces:
        if t["target"] == "valence" and t["line"] in wanted:
            values = t["low"] + t["step"] * np.frombuffer(base64.b64decode(t["values"]), "<u2")
            np.testing.assert_allclose(values, wanted[t["line"]], atol=1e-4)
    sound, rate = soundfile.read(io.BytesIO(base64.b64decode(embedded(page, "audio-4"))))
    assert rate == RATE and len(sound) == SECONDS * RATE
    assert np.abs(sound).argmax() / RATE == pytest.approx(CLICK, abs=0.01)


def test_the_sound_of_a_long_recording_is_in_memory_once(tmp_path):
    def peak(seconds, encode):
        soundfile.write(
            tmp_path / "a.wav", np.random.default_rng(0).normal(0, 3000, 16000 * seconds).astype(np.int16), 16000
        )
        words = f"from local.page import sound; sound.heard('a', {str(tmp_path / 'a.wav')!r}, encode={encode})"
        return process([sys.executable, "-c", words]).megabytes

    assert peak(1200, False) - peak(1, False) < 1.4 * 4 * 16 * 1.2
    assert peak(120, True) - peak(1, True) < 4 * 4 * 16 * 0.12


@pytest.mark.parametrize("rate", [8000, 22050, 44100])
def test_sound_of_any_rate_keeps_its_length(tmp_path, rate):
    tone = write_wav(tmp_path / "a.wav", 8000 * np.sin(2 * np.pi * 440 * np.arange(3 * rate) / rate), rate)
    sound, new_rate = soundfile.read(io.BytesIO(sound_of_page.mp3(*sound_of_page.samples_of(tone))))
    assert len(sound) / new_rate == pytest.approx(3, abs=0.1)
    spectrum = np.abs(np.fft.rfft(sound))
    assert spectrum.argmax() * new_rate / len(sound) == pytest.approx(440, abs=1)


@pytest.mark.parametrize(("rate", "top"), [(8000, 4000), (11025, 5512.5), (16000, 8000), (44100, 8000)])
def test_a_spectrogram_says_up_to_which_frequency_it_is(rate, top):
    tone = 8000 * np.sin(2 * np.pi * 0.97 * top * np.arange(rate) / rate)
    assert sound_of_page.picture(tone, rate)["top"] == top
    assert set(sound_of_page.spectrogram(tone, rate, 25)[2:-2].argmax(1)) == {sound_of_page.BANDS - 1}


@pytest.fixture
def small(make, monkeypatch):
    """Make a page of so many bytes more than one without recordings: (page, its recordings)."""
    base = len(make("--sets", "dev", "test", "--max-size", "0").encode()) + 20_000

    def call(room):
        monkeypatch.setattr(report_page, "RESERVE", 2000)
        page = make("--sets", "dev", "test", "--max-size", f"{(base + room) / 1e6}")
        assert len(page.encode()) <= base + room
        return page, embedded(page, "setup")["recordings"]

    return call


def test_sound_is_of_the_worst_recordings_where_not_all_fits_and_the_page_says_so(small, corpus, monkeypatch, capsys):
    encoded, mp3 = [], sound_of_page.mp3
    monkeypatch.setattr(sound_of_page, "mp3", lambda *words: encoded.append(words) or mp3(*words))
    monkeypatch.setattr(recordings_of_page, "EVERY", 0)
    page, recordings = small(720_000)
    sounds = [embedded(page, f"audio-{n}") for n in range(6)]
    worst = [*heat.worst_first(json.loads((corpus[1] / "results.json").read_text()))]
    with_sound = [(one["set"], one["name"]) for one, sound in zip(recordings, sounds, strict=True) if sound]
    assert {*with_sound} == {*worst[:3]} and len(encoded) == 3
    assert {one["silent"] for one in recordings} == {"", recordings_of_page.TOO_LARGE}
    told = "recordings without sound: " + ", ".join(f"{key} ({name})" for name, key in sorted(worst[3:]))
    said = capsys.readouterr()
    assert told in page and told in said.err
    assert re.findall(r"sound: (.) of 3 recordings encoded, about \d+ s left", said.out) == ["1", "2", "3"]


def test_traces_that_do_not_fit_are_thinned(small, monkeypatch, corpus):
    monkeypatch.setattr(recordings_of_page, "POINTS", 50)
    page, recordings = small(43_000)
    assert len(recordings) == 6 and "traces are means over 5 values" in page
    gold = datadir.Archive(corpus[0] / "dev" / "valence.scp")["P0dev"][:, 0]
    found = next(t for t in embedded(page, "traces-0") if (t["line"], t["target"]) == ("gold standard", "valence"))
    values = found["low"] + found["step"] * np.frombuffer(base64.b64decode(found["values"]), "<u2")
    np.testing.assert_allclose(values, gold[:500].reshape(-1, 5).mean(1), atol=1e-4)
    assert (found["start"], found["shift"], found["rows"]) == (0.08, 0.2, 100)
    assert recordings[0]["seconds"] == pytest.approx(len(gold) * SHIFT)


def test_systems_and_then_recordings_that_do_not_fit_are_left_out_and_named(small, monkeypatch, capsys):
    monkeypatch.setattr(report_page, "shown_systems", lambda records: ["svr"])
    page, recordings = small(55_000)
    assert [one["name"] for one in recordings] == ["P0dev", "P1dev", "P2dev", "P0test", "P1test"]
    assert {t["line"] for t in embedded(page, "traces-0")} == {*RATERS, "svr", "gold standard"}
    told = "recordings left out: P2test (test)"
    assert told in page and told in capsys.readouterr().err and "traces are of svr only" in page
    assert 'data-recording="2">P2dev</button>' in page and '<th scope="row">P2test</th>' in page


def test_a_long_table_of_recordings_has_the_worst(make, monkeypatch):
    monkeypatch.setattr(heat, "LINES", 2)
    assert "The worst 2 of 6." in make()


def test_speakers_have_a_column_unless_each_recording_is_called_as_its_speaker(corpus):
    records = json.loads((corpus[1] / "results.json").read_text())
    keys = {key for record in records for key in record["recordings"]}
    for speaker, there in [(dict(zip(keys, keys, strict=True)), False), ({"P0dev": "Ann"}, True), ({}, False)]:
        text = heat.section(records, {"dev": speaker}, lambda set_name, key, text: text)
        assert (">speaker<" in text) is there


@pytest.mark.parametrize("values, every, means", [([1, 3, 5, 7, 9], 2, [2, 6]), ([1, 3], 5, [2]), ([4, 2], 1, [4, 2])])
def test_a_thinned_trace_has_means_at_their_middle(values, every, means):
    found = packed.trace("x", "arousal", np.float32(values), 0.1, 1.0, every)
    every = min(every, len(values))
    assert found["start"] == pytest.approx(1 + 0.05 * (every - 1)) and found["shift"] == pytest.approx(0.1 * every)
    numbers = np.frombuffer(base64.b64decode(found["values"]), "<u2")
    np.testing.assert_allclose(found["low"] + found["step"] * numbers, means, atol=1e-3)
    assert found["end"] == pytest.approx(1 + 0.1 * len(values)) and found["rows"] == len(means)


def test_gaps_in_a_trace_have_a_number_of_their_own():
    found = packed.trace("x", "arousal", np.float32([np.nan, 1, np.nan, 3, 2]), 0.1)
    assert np.frombuffer(base64.b64decode(found["values"]), "<u2").tolist() == [65535, 0, 65535, 65534, 32767]
    assert packed.trace("x", "arousal", np.float32([np.nan] * 2), 0.1)["low"] == 0


def test_raters_traces_may_have_gaps(tmp_path):
    data, exp = tmp_path / "data", tmp_path / "exp"
    data.mkdir()
    gapped = np.tile(np.linspace(-1, 1, 51), (2, 1))
    gapped[0, 10:20], gapped[1] = np.nan, np.nan
    one = Recording("P1", "P1", write_sound(data / "P1.wav"), {"arousal": gapped[0]}, {"arousal": gapped})
    write_recordings(data / "dev", [one], SECONDS / 50, RATERS[:2])
    write_predictions(exp / "svr" / "arousal" / "predict_dev", "arousal", {"P1": np.zeros((51, 1))}, 0.1, SECONDS / 50)
    score.main(["--system=svr", "--set=dev", str(data / "dev"), str(exp / "svr" / "arousal" / "predict_dev")])
    collect_results.main([str(exp)])
    drawn = recordings_of_page.Set(data, exp, "dev").recording("P1", {"svr"})["traces"]
    numbers = [np.frombuffer(base64.b64decode(each["values"]), "<u2") for each in drawn]
    assert [np.flatnonzero(each == packed.GAP).tolist() for each in numbers[:2]] == [[*range(10, 20)], [*range(51)]]


def test_no_raters_no_sound_no_labels_on_test_and_no_other_results(tmp_path, capsys):
    data, exp = tmp_path / "data", tmp_path / "exp"
    data.mkdir()
    write_set(data, "dev", ratings=False)
    write_set(data, "test", labels=False, ratings=False)
    add_system(data, exp, "svr", 1, targets=("arousal",))
    (data / "P1dev.wav").unlink()
    collect_results.main([str(exp)])
    report_page.main([str(data), str(exp), "--sets", "dev", "test"])
    printed = capsys.readouterr().err
    assert "set test: no system is scored on it" in printed and "P1dev: shown without sound" in printed
    page = (exp / "report.html").read_text()
    assert embedded(page, "audio-1") is None and len(embedded(page, "audio-0")) > 1000
    assert [t["line"] for t in embedded(page, "traces-0")] == ["svr", "gold standard"]
    assert 'id="curves"' not in page and 'id="further"' not in page


def test_an_experiment_without_scores_is_an_error(tmp_path):
    with pytest.raises(SystemExit, match=r"results.json: cannot be read .*; stage 5 makes it"):
        report_page.main([str(tmp_path), str(tmp_path)])
    (tmp_path / "results.json").write_text("[]")
    with pytest.raises(SystemExit, match=r"holds no scores; run stages 3 to 5"):
        report_page.main([str(tmp_path), str(tmp_path)])
    assert not (tmp_path / "report.html").exists()


def test_a_picture_whose_link_leads_in_a_circle_is_not_there(tmp_path):
    (tmp_path / "a.png").symlink_to("a.png")
    assert "(a.png is not there)" in html.render("![x](a.png)", "x", tmp_path)


def test_sections_of_other_scripts_are_folded_in_with_their_pictures(make, corpus):
    data, exp = corpus
    table = "| rows | arousal |\n| --- | --- |\n| 2 | 0.2 |"
    sections.write(exp, "1-far", f"## How far\n\n{table}\n\n![F](../figure1.png)\n")
    points = [
        {"target": "arousal", "label_shift": 0.04, "filter_width": w, "runs": [{"dev_ccc": w / 9}]} for w in (2, 4)
    ]
    (exp / "figure1.png").write_bytes(b"\x89PNG")
    (exp / "figure1.curves.json").write_text(json.dumps(figure1.curves({"arousal": points})))
    sections.write(exp, "2-ceiling", "## The ceiling\n\n### Of <raters>\n\n![gone](gone.png)\n")
    sections.write(exp / "own/one", "3-mine", "## My own\n\n![mine](mine.png)\n")
    (exp / "own/one/sections/mine.png").write_bytes(b"\x89PNG")
    (data / "agreement.txt").write_text("# SYNTHETIC corpus (seed=1); gold standard: avec\n# more\n")
    page = make()
    assert page.count("<details>") == 3 and "<summary><h3>How far</h3></summary>" in page
    assert embedded(page, "figure-figure1")[0]["lines"][0]["x"] == pytest.approx([0.08, 0.16])
    assert "<h4>Of &lt;raters&gt;</h4>" in page and "(gone.png is not there)" in page
    assert "data:image/png;base64,iVBORw==" in page and "SYNTHETIC corpus (seed=1); gold standard: avec" in page
    assert "Made-up data." in page


def test_a_corpus_without_a_report_of_its_preparation_is_what_its_directories_say(make, corpus):
    data, _ = corpus
    assert "Made-up data." not in make()
    write_corpora(data / "dev", "SYNTHETIC corpus (seed=1)")
    page = make()
    assert "Made-up data." in page and "corpus: SYNTHETIC corpus (seed=1)" in page
    (data / "agreement.txt").write_text("# mine; gold standard: avec\n")
    assert "Made-up data." in make()


def test_the_first_lines_say_nothing_of_what_there_is_not(make, corpus):
    page = make()
    assert re.search(
        r'aria-label="arousal: CCC [\d.−]+ on dev, 95 % [\d.−]+ to [\d.−]+; test [\d.−]+; raters: not', page
    )
    records = json.loads((corpus[1] / "results.json").read_text())
    one = next(r | {"interval": None} for r in records if r["set"] == "dev")
    label = re.search('aria-label="(.*?)"', glance.section([one], {}, {}, lambda *words: words[-1], []))[1]
    assert label == f"{one['target']}: CCC {one['ccc']:.3f} on dev, no interval; raters: not measured"


def test_names_and_data_cannot_become_markup():
    assert "</script><b>" not in html.json_script("a", {"name": "</script><b>"})[:-10]
    assert embedded(html.json_script("a", {"name": "</script><b>"}), "a") == {"name": "</script><b>"}
    assert "<b>" not in html.render("<b>x</b>\n\n| <b>a |\n| --- |\n| <b>c |\n", "<b>")
    assert "<b>" not in html.section("a", "<b>", "") + html.folded("<b>", "")
    assert "<b>" not in html.table("<b>", ["<b>"], [["<b>"] * 2])
    assert "<a" not in html.render("[x](http://a) <http://b> [y]\n\n[y]: http://c\n", "")


@pytest.mark.parametrize("cell", ["0.827", "-0.1", "0.8 ± 0.1", "−0.1 to 0.2", "0.434 / 1.154", "12 %", "1:05"])
def test_numbers_stand_at_the_right(cell):
    assert f'<td class="number">{cell}</td>' in html.render(f"| a | b |\n| --- | --- |\n| x | {cell} |\n", "")


def test_pictures_come_from_the_folder_of_their_text_alone(tmp_path):
    (tmp_path / "exp").mkdir()
    (tmp_path / "secret.png").write_bytes(b"\x89PNG")
    for source in ("../secret.png", "%2e%2e/secret.png", tmp_path / "secret.png", f"file://{tmp_path}/secret.png"):
        assert "<img" not in html.render(f"![a]({source})", "", tmp_path / "exp")


def test_only_the_programs_of_the_page_itself_may_run(make):
    page = make()
    allowed = re.search(r"script-src ([^;]*);", page)[1].split()
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert allowed == [f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts]
    assert len(allowed) == 8 and "base-uri 'none'; form-action 'none'" in page


# Names that would run, or become links, where a page takes them for markup: of systems and the like, which are folders'
# names, and of utterances, which may hold a slash.
HOSTILE = ['<img src=x onerror="window.ran=1">', '<a href="javascript:run()">t&amp;', "<svg onload=window.ran=1>"]
HOSTILE_ID = "P</script><script>window.ran=1</script><a/href=x>"


@pytest.fixture
def hostile(tmp_path, monkeypatch):
    """A report's and a recording's page in which every name is hostile, as if no reader refused it: their paths."""
    for module in (datadir, corpus_of_data):
        monkeypatch.setattr(module, "check_name", lambda name, what: name)
    monkeypatch.setattr(kinds.Pattern, "__contains__", lambda *_: True)
    data, exp = tmp_path / "hostile", tmp_path / "exp <script>window.ran=1"
    data.mkdir()
    target, set_name, system = HOSTILE
    labels, rater = np.sin(np.arange(501) / 50), "<svg/onload=window.ran=1>"
    rec = Recording(HOSTILE_ID, "P", write_sound(data / "a.wav"), {target: labels}, {target: labels[None]})
    write_recordings(data / set_name, [rec], SHIFT, [rater])
    add_system(data, exp, system, 3, (set_name,), (target,))
    (exp / system / target / "command").write_text(f"# commit {system}\n./run.sh --archs {system}\n")
    (data / "agreement.txt").write_text(f"# {system}\n")
    table = f"| {system} |\n| --- |\n| {target} |\n"
    sections.write(exp, "1", f"## {system}\n\n[x](javascript:window.ran=1) <http://127.0.0.1/>\n\n{table}")
    curves = figure4.curves({target: {"ccc": dict.fromkeys(map(str, figure4.FACTORS), 0.9)}}, SHIFT)
    (exp / "figure4.curves.json").write_text(json.dumps(curves))
    sections.write(exp, "2", "## Four\n\n![F](../figure4.png)\n")
    collect_results.main([str(exp)])
    report_page.main([str(data), str(exp), "--sets", set_name])
    csv = write_csv(tmp_path / f"{system}.csv", ['"<b><a/href=http://127.0.0.1/>"', '"</script><script>window.ran=1"'])
    sound = write_sound(tmp_path / f"{target}.wav")
    recording_page.main(["--out", str(tmp_path / "own.html"), str(sound), str(csv)])
    return exp / "report.html", tmp_path / "own.html"


def test_hostile_names_are_shown_and_become_no_tag(hostile):
    for path in hostile:
        page = path.read_text()
        outline = Outline(page)
        assert "onerror" in page and not {"img", "base"} & {*outline.tags}
        assert not [name for name in outline.attributes if name.startswith("on")]
        assert all(re.match("#|data:", address) for address in outline.addresses)
        assert page.count("<script>") == 8  # the page's own; what else is there is data


def write_csv(path, columns=("arousal", "valence"), rows=SECONDS * 25):
    cells = [[f"{SHIFT * n:.10g}", *(f"{np.sin(n / 50 + c):.6f}" for c in range(len(columns)))] for n in range(rows)]
    path.write_text("".join(",".join(line) + "\n" for line in [["time", *columns], *cells]))
    return path


@pytest.fixture
def own(tmp_path):
    """The page of one recording with predictions of two systems: its path."""
    write_sound(tmp_path / "talk.wav")
    both, one = write_csv(tmp_path / "both.csv"), write_csv(tmp_path / "one.csv", ["arousal"])
    arguments = ["--out", str(tmp_path / "talk.html"), str(tmp_path / "talk.wav"), str(both), f"downup={one}"]
    recording_page.main(arguments)
    return tmp_path / "talk.html"


def test_a_recordings_own_page_has_predictions_and_no_scores(own):
    page = own.read_text()
    traces = embedded(page, "traces-0")
    lines = [(t["line"], t["target"]) for t in traces]
    assert lines == [("both", "arousal"), ("both", "valence"), ("downup", "arousal")]
    values = traces[1]["low"] + traces[1]["step"] * np.frombuffer(base64.b64decode(traces[1]["values"]), "<u2")
    np.testing.assert_allclose(values, np.sin(np.arange(500) / 50 + 1), atol=1e-4)
    assert traces[0]["shift"] == SHIFT and len(embedded(page, "audio-0")) > 1000
    assert "<table" not in page.partition("<main")[2].partition("</main>")[0] and "There are no labels here" in page
    assert "P and N choose" not in page  # there is one recording


def test_names_of_systems_and_paths_of_their_predictions_may_hold_equal_signs(tmp_path):
    (tmp_path / "rate=1").mkdir()
    csv = str(write_csv(tmp_path / "rate=1/P1.csv"))
    assert recording_page.apart(csv) == ("", csv) and recording_page.apart(f"l2=0={csv}") == ("l2=0", csv)
    assert recording_page.apart("net=gone.csv") == ("net", "gone.csv") and recording_page.apart("gone") == ("", "gone")


def test_a_page_of_several_recordings_names_the_keys_that_choose_them(make):
    assert "+ − 0 zoom, P and N choose the recording.</p>" in make()


@pytest.mark.parametrize(
    "text, message",
    [
        ("", r"bad.csv: is empty"),
        ("when,arousal\n0,1\n", r"bad.csv:1: found the header 'when,arousal'"),
        ("time,arousal\n0,1\n", r"found 1 rows of predictions, expected 2 or more"),
        ("time,arousal\n0,1\n0.04,x\n", r"bad.csv:3: found 'x', expected a finite number"),
        ("time,arousal\n0,1\n0.04,nan\n", r"bad.csv:3: "),
        ("time,arousal\n0,1\n0.04,1,2\n", r"bad.csv:3: "),
        ("time,arousal\n0,1\n0.04,1\n0.2,1\n0.24,1\n", r"bad.csv:4: found the time 0.2, expected evenly spaced"),
        ("time,arousal\n0.04,1\n0,1\n", r"expected evenly spaced, rising times"),
    ],
)
def test_bad_predictions_are_named(tmp_path, text, message):
    (tmp_path / "bad.csv").write_text(text)
    wav = write_sound(tmp_path / "talk.wav")
    with pytest.raises(SystemExit, match=message):
        recording_page.main(["--out", str(tmp_path / "x.html"), str(wav), str(tmp_path / "bad.csv")])
    assert not (tmp_path / "x.html").exists()


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def wait(page, expression):
    """Wait until this is true on the page. Playwright's own way is an eval there, which the page forbids."""
    deadline = time.monotonic() + 10
    while not page.evaluate(expression):
        assert time.monotonic() < deadline, expression
        page.wait_for_timeout(20)


@pytest.fixture
def browse():
    """Open a file in Chromium: browse(path, options of the context) -> the page; what its console shows is an error."""
    if not CHROMIUM:
        pytest.skip("found no Chromium in PATH: install one (Debian: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    quiet = "--disable-gpu --no-first-run --disable-background-networking --disable-component-update --disable-sync"
    arguments = [*quiet.split(), "--autoplay-policy=no-user-gesture-required"]
    with sync_playwright() as playwright:
        visible = ["--hide-scrollbars"]  # Playwright's own option, left out: readers see them
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments, ignore_default_args=visible)
        shown = []

        def call(path, **options):
            page = browser.new_context(viewport={"width": 1200, "height": 900}, **options).new_page()
            page.on("console", lambda message: shown.append(message.text))
            page.on("pageerror", lambda error: shown.append(str(error)))
            page.on("request", lambda request: shown.extend(re.findall("^(?!file:|data:|blob:).*", request.url)))
            page.goto(f"file://{path}")
            wait(page, "player.audio.readyState >= 2")
            return page

        call.shown = shown
        yield call
        browser.close()
    assert shown == []


@pytest.fixture
def report(make, corpus, browse):
    """The report in Chromium: report(options of the context) -> page."""
    make("--sets", "dev", "test")
    return lambda **options: browse(corpus[1] / "report.html", **options)


def time_of(page):
    return page.evaluate("player.time")


def plot_of(page):
    """x and y of the left edge of the traces' axis, half way down, and its width, in pixels."""
    page.evaluate("player.traces.scrollIntoView({behavior: 'instant', block: 'center'})")
    box = page.locator("#traces .overlay").bounding_box()
    return box["x"], box["y"] + box["height"] / 2, box["width"]


SHOWN = "[...new Set([...document.querySelectorAll('#traces .line')].map((line) => line.dataset.line))]"


@pytest.mark.browser
def test_it_plays_with_a_moving_cursor_and_seeks_where_one_clicks(report):
    page = report()
    cursor = page.locator("#traces .cursor")
    page.click("#play")
    wait(page, "player.audio.currentTime > 0.5")
    left = cursor.bounding_box()["x"]
    wait(page, "player.audio.currentTime > 1.2")
    assert cursor.bounding_box()["x"] > left and page.inner_text("#play") == "⏸ Pause"
    page.click("#play")
    x, y, width = plot_of(page)
    page.mouse.click(x + 0.75 * width, y)
    seconds = page.evaluate("player.seconds")
    assert seconds == pytest.approx(SECONDS, abs=0.1)
    assert time_of(page) == pytest.approx(0.75 * seconds, abs=0.05)
    assert cursor.bounding_box()["x"] == pytest.approx(x + 0.75 * width, abs=2)
    assert page.get_attribute("#traces", "aria-valuetext") == f"{time_of(page):.1f} of {seconds:.1f} seconds"
    page.click("#play")
    wait(page, "player.audio.currentTime > 15.4")


@pytest.mark.browser
def test_the_sound_is_where_the_traces_and_the_waveform_say(report):
    loudest = """async () => {
      const sound = await new AudioContext().decodeAudioData(bytes(data("audio-0")).buffer);
      const values = sound.getChannelData(0).map(Math.abs);
      return values.indexOf(values.reduce((a, b) => Math.max(a, b))) / sound.sampleRate;
    }"""
    page = report()
    assert page.evaluate(loudest) == pytest.approx(CLICK, abs=0.02)
    assert page.locator(".sound text").first.text_content() == "8 kHz"
    peaks = page.evaluate("[...player.view.picture.peaks]")
    assert peaks.index(max(peaks)) / len(peaks) * SECONDS == pytest.approx(CLICK, abs=0.05)
    x = plot_of(page)[0]
    assert page.locator("#traces .spectrum").bounding_box()["x"] == pytest.approx(x, abs=1)


@pytest.mark.browser
def test_a_region_that_was_dragged_loops_and_plus_zooms_to_it(report):
    page = report()
    x, y, width = plot_of(page)
    page.mouse.move(x + 0.25 * width, y)
    page.mouse.down()
    page.mouse.move(x + 0.3 * width, y + 5, steps=8)
    page.mouse.up()
    low, high = page.evaluate("player.region")
    assert [low, high] == pytest.approx([SECONDS / 4, SECONDS * 0.3], abs=0.1) and time_of(page) == low
    assert "loops 0:05.0 to 0:06.0" in page.inner_text("#loop")
    page.evaluate("window.times = []; player.audio.addEventListener('seeked', () => times.push(player.time))")
    page.keyboard.press(" ")
    wait(page, "times.length > 1")
    assert page.evaluate("times.every((one) => Math.abs(one - player.region[0]) < 0.1)")
    page.keyboard.press(" ")
    page.keyboard.press("+")
    assert page.evaluate("[player.view.from, player.view.to]") == [low, high]
    x, y, width = plot_of(page)
    page.mouse.click(x + 0.5 * width, y)  # a click ends the loop, and seeks in the part shown
    assert time_of(page) == pytest.approx((low + high) / 2, abs=0.1) and page.evaluate("player.region") is None
    page.click("#whole")
    assert page.evaluate("player.view.from") == 0


@pytest.mark.browser
@pytest.mark.parametrize(
    "place", ["#traces .panel >> nth=0", ".head b >> nth=0", "#ccc", "#clock", "#whole", ".note >> nth=-1"]
)
def test_the_keys_work_from_the_first_click_anywhere_on_the_player(report, place):
    page = report()
    page.locator("#player").locator(place).click()
    top = page.evaluate("scrollY")
    page.keyboard.press(" ")
    wait(page, "!player.audio.paused")
    page.keyboard.press(" ")
    assert page.evaluate("player.audio.paused")
    start = time_of(page)
    page.keyboard.press("ArrowRight")
    assert time_of(page) == pytest.approx(min(start + 5, SECONDS), abs=0.1)
    page.keyboard.press("-")
    page.keyboard.press("n")
    assert page.evaluate("player.number") == 1 and page.evaluate("scrollY") == top
    page.click("h1")  # elsewhere, the keys are the page's again
    page.keyboard.press("n")
    assert page.evaluate("player.number") == 1


@pytest.mark.browser
def test_a_pause_before_the_sound_has_begun_is_no_error(report):
    page = report()
    steps = "player.select(1), player.unpack(1), player.toggle(), player.toggle()"
    assert page.evaluate(f"({steps}, [player.audio.paused, player.audio.readyState])") == [True, 0]
    page.wait_for_timeout(200)  # browse looks at the console


@pytest.mark.browser
def test_the_keyboard_does_it_all(report):
    page = report()
    page.focus("#traces")
    for key, seconds in [("ArrowRight", 5), ("ArrowRight", 10), ("ArrowLeft", 5), ("Shift+ArrowLeft", 4)]:
        page.keyboard.press(key)
        assert time_of(page) == pytest.approx(seconds, abs=0.01)
    page.keyboard.press(" ")
    wait(page, "!player.audio.paused && player.audio.currentTime > 4.2")
    page.keyboard.press(" ")
    assert page.evaluate("player.audio.paused")
    page.keyboard.press("+")
    assert page.evaluate("player.view.to - player.view.from") < 11
    page.keyboard.press("0")
    assert page.evaluate("player.view.to - player.view.from") > 19
    page.keyboard.press("n")
    assert page.evaluate("[player.number, player.recording.value]") == [1, "1"]
    page.keyboard.press("p")
    assert page.evaluate("player.number") == 0
    reached = set()
    page.focus("#theme")
    for _ in range(70):
        page.keyboard.press("Tab")
        page.evaluate("window.active = document.activeElement")
        if page.evaluate("active === document.body"):
            break  # behind the last
        reached.add(page.evaluate("active.id || active.closest('.legend, .box')?.className || active.className"))
        assert page.evaluate("getComputedStyle(active).outlineStyle") != "none"
    wanted = {"recording", "next", "play", "speed", "zoom-in", "whole", "traces", "legend", "box", "open"}
    assert wanted <= {word for one in reached for word in one.split()}


@pytest.mark.browser
def test_the_legend_hides_lines_opens_raters_and_remembers_it(report):
    page = report()
    assert set(page.evaluate(SHOWN)) == {"downup", "gold standard", "range of the raters"}
    assert page.get_attribute("#legend >> text=range of the raters", "aria-pressed") == "true"
    page.click("#legend >> text=each rater")
    page.click("#legend >> text=svr")
    assert set(page.evaluate(SHOWN)) == {"downup", "svr", "gold standard", "range of the raters", "each rater"}
    page.click("#legend >> text=downup")
    page.click("#next")
    assert set(page.evaluate(SHOWN)) == {"svr", "gold standard", "range of the raters", "each rater"}


ONE_RATER = """() => {
  const setup = { ...player.setup, lines: player.setup.lines.filter((line) => !line.rater || line.name === "R1") };
  const [box, legend] = [element("div"), element("div")];
  document.body.append(box);
  const view = new Traces(box, legend, setup);
  view.show("P0dev", 20, data("traces-0").filter(({ line }) => line !== "R2" && line !== "R3"), null);
  return [[...legend.querySelectorAll("button")].map((one) => [one.textContent, one.getAttribute("aria-pressed")]),
          [...new Set([...box.querySelectorAll(".line")].map((line) => line.dataset.line))]];
}"""


@pytest.mark.browser
def test_a_single_rater_is_one_line_that_the_legend_shows_and_hides(report):
    buttons, shown = report().evaluate(ONE_RATER)
    assert buttons == [["downup", "true"], ["svr", "false"], ["gold standard", "true"], ["the rater", "true"]]
    assert {*shown} == {"downup", "gold standard", "the rater"}


@pytest.mark.browser
def test_the_pointer_names_what_is_below_it_beside_the_traces(report):
    page = report()
    x, _, width = plot_of(page)
    box = page.locator("#traces svg.panel").nth(1).bounding_box()
    page.mouse.move(x + 0.5 * width, box["y"] + 50)
    head = page.locator("#traces .head").first
    assert re.search(
        r"arousal \(calm to excited\).*0:10\.\d .*(downup|gold standard) −?0\.\d{3}", head.inner_text(), re.DOTALL
    )
    assert head.bounding_box()["y"] + head.bounding_box()["height"] <= box["y"] + 1
    assert page.evaluate("[-0.0004, -0.0006, 0.5].map(valueText)") == ["0.000", "−0.001", "0.500"]


@pytest.mark.browser
def test_tables_sort_and_open_a_recording_whose_ccc_is_beside_its_name(report):
    page = report()
    table = page.locator("#recordings table")
    head = table.locator("thead th").nth(3)
    column = [float(text) for text in table.locator("tbody td:nth-child(4)").all_inner_texts()]
    for order, state in [(False, "ascending"), (True, "descending")]:
        head.locator("button").click()
        assert head.get_attribute("aria-sort") == state
        cells = [float(text) for text in table.locator("tbody td:nth-child(4)").all_inner_texts()]
        assert cells == sorted(column, reverse=order)
    page.click("#recordings button.open >> text=P2dev")
    row = table.locator("tr", has_text="P2dev").inner_text().split()
    assert page.evaluate("player.number") == 2 and f"arousal {row[3]}" in page.inner_text("#ccc")
    page.keyboard.press("ArrowRight")  # the player has the keys at once
    assert time_of(page) == pytest.approx(5)


SORTED = """cells => cells.map((text) => [sortKey(element("td", { textContent: text })), text])
  .sort(([a], [b]) => compareKeys(a, b)).map(([, text]) => text)"""


@pytest.mark.browser
def test_a_column_is_sorted_by_what_its_cells_say(report):
    columns = [
        ["0:05", "0:20", "0:45", "1:05", "1:50", "10:05"],
        ["2024-05-01-ann", "2024-05-02-ann", "2024-11-01-ann", "talk"],
        ["P9", "P10"],
        ["−0.5", "−0.25 to 1", "0", "0.08 ± 0.1", "0.5 / 2", "12 %", "1e2", "1ffe89"],
    ]
    page = report()
    assert [page.evaluate(SORTED, column[::-1]) for column in columns] == columns


@pytest.mark.browser
def test_the_summary_is_on_the_first_screen_and_opens_the_worst_recording(report, corpus):
    page = report()
    page.set_viewport_size({"width": 1280, "height": 800})
    records = json.loads((corpus[1] / "results.json").read_text())
    glance = page.locator("#glance")
    assert glance.bounding_box()["y"] + glance.bounding_box()["height"] <= 800
    best = scores.best(records)
    for target, record in best.items():
        keys = sorted(record["recordings"], key=lambda key: record["recordings"][key]["ccc"])
        shown = glance.locator(".worst > div", has_text=target)
        assert shown.locator("button.open").all_inner_texts()[: len(keys)] == keys
        assert f"{record['ccc']:.3f}" in glance.locator(".glance").inner_text()
    glance.locator("button.open").first.click()
    worst = min(best["arousal"]["recordings"], key=lambda key: best["arousal"]["recordings"][key]["ccc"])
    assert page.evaluate("player.recordings[player.number].name") == worst


@pytest.mark.browser
def test_dark_follows_the_system_and_the_switch(report):
    page = report(color_scheme="dark")
    gold = "getComputedStyle(document.querySelector('#traces [data-line=\"gold standard\"]')).stroke"
    colours = f"[getComputedStyle(document.body).backgroundColor, {gold}]"
    dark = page.evaluate(colours)
    page.select_option("#theme", "light")
    assert page.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(27, 27, 27)"]
    assert dark == ["rgb(22, 24, 28)", "rgb(236, 236, 236)"]
    page.select_option("#theme", "")
    assert page.evaluate(colours) == dark


CONTRAST = """colours => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const probe = document.body.appendChild(document.createElement("i"));
  const luminance = colour => {
    probe.style.color = colour;
    canvas.fillStyle = getComputedStyle(probe).color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  return colours.map(colour => luminance(colour) / luminance("var(--paper)"));
}"""


@pytest.mark.browser
def test_the_playhead_and_each_systems_line_stand_out_on_a_dark_page(report):
    page, colours = report(color_scheme="dark"), [packed.line_style(arch)["colour"] for arch in style.OWN]
    playhead = page.evaluate("getComputedStyle(document.querySelector('.cursor')).backgroundColor")
    assert min(page.evaluate(CONTRAST, [*colours, playhead])) > 4.5


@pytest.mark.browser
def test_a_phone_never_scrolls_sideways_and_has_the_player_within_six_screens(report):
    page = report(is_mobile=True, has_touch=True)
    page.set_viewport_size({"width": 390, "height": 844})
    for part in ("glance", "listen", "recordings", "scores", "curves", "systems"):
        page.evaluate(f"document.getElementById('{part}').scrollIntoView()")
        page.wait_for_timeout(200)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("player.box.getBoundingClientRect().top + scrollY") < 6 * 844
    x, y, width = plot_of(page)
    page.touchscreen.tap(x + width / 2, y)
    wait(page, "player.time > 1")
    assert time_of(page) == pytest.approx(SECONDS / 2, abs=0.2)


OUTSIDE = """() => [...document.querySelectorAll("button.open")].filter((one) => {
  const [inner, outer] = [one, one.parentElement].map((each) => each.getBoundingClientRect());
  return inner.right > outer.right + 1;
}).length"""


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1200])
def test_a_long_name_of_a_recording_stays_in_its_cell(report, width):
    page = report()
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate("document.querySelectorAll('button.open').forEach((one) => (one.textContent = 'talk'.repeat(60)))")
    wait(page, f"document.documentElement.scrollWidth <= {width}")  # the player is drawn anew after a resize
    assert page.evaluate(OUTSIDE) == 0


@pytest.mark.browser
def test_print_is_light_unfolded_and_drawn(make, corpus, browse, tmp_path):
    sections.write(corpus[1], "70-ceiling", "## The ceiling\n\nHigh.\n")
    make()
    page = browse(corpus[1] / "report.html", color_scheme="dark")
    assert page.locator("details").count() == 1
    page.evaluate("""window.addEventListener("beforeprint", () => {
      window.seen = [[...document.querySelectorAll("details")].every((one) => one.open), Figure.waiting.size,
                     document.documentElement.dataset.theme]; })""")
    page.pdf(path=tmp_path / "report.pdf")
    assert page.evaluate("seen") == [True, 0, "light"]
    assert page.evaluate("document.documentElement.dataset.theme") is None
    assert page.locator("details[open]").count() == 0


def pages_of(path):
    """The number of pages of a PDF that Chromium has written."""
    return len(re.findall(rb"/Type /Page\b", path.read_bytes()))


@pytest.mark.browser
def test_a_recordings_own_page_prints_on_one_sheet(browse, tmp_path):
    times, targets, shift = read_predictions(write_csv(tmp_path / "both.csv"))
    made = {"target": "arousal", "corpora": ["SYNTHETIC corpus"], "commit": "0123abcd", "trained": "2026-01-02"}
    about = of_networks.about([made | {"model": "exp/synth/downup/arousal"}], "2026-01-03")
    about += '<p class="note"><a href="../index.html">all recordings</a></p>\n'
    predictions = [("downup", targets, shift, float(times[0]))]
    text = recording_page.recording_page(write_sound(tmp_path / "talk.wav"), predictions, "talk", about=about)
    (tmp_path / "talk.html").write_text(text)
    page = browse(tmp_path / "talk.html")
    page.pdf(path=tmp_path / "own.pdf", prefer_css_page_size=True)
    assert pages_of(tmp_path / "own.pdf") == 1


PRINTED = """() => {
  const seen = (one) => one.getClientRects().length > 0;
  const box = player.box.getBoundingClientRect();
  return {
    controls: [...player.box.querySelectorAll("#clock, .row button, #speed, .cursor")].filter(seen).length,
    scales: [...document.querySelectorAll(".panel[viewBox]")].map((one) => one.clientWidth / one.viewBox.baseVal.width),
    height: box.height, width: box.width, name: getComputedStyle(player.recording).borderStyle,
    picture: document.querySelector("img").getBoundingClientRect().height,
  };
}"""
SHEET = {"width": 1032, "height": 703}  # CSS pixels between the margins of A4


@pytest.mark.browser
def test_what_is_printed_fits_a_sheet_in_its_true_size_without_controls(make, corpus, browse):
    sections.write(corpus[1], "1-high", "## High\n\n![high](high.png)\n")
    matplotlib.image.imsave(corpus[1] / "sections" / "high.png", np.zeros((2000, 1000)), cmap="gray")
    make()
    page = browse(corpus[1] / "report.html")
    page.set_viewport_size(SHEET)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    found = page.evaluate(PRINTED)
    assert found["controls"] == 0 and found["name"] == "none"
    assert found["height"] <= SHEET["height"] - 60 and found["width"] <= SHEET["width"]
    assert found["scales"] == pytest.approx([1] * len(found["scales"]), abs=0.02)
    assert found["picture"] <= 0.85 * SHEET["height"]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 600, "height": 700})
    assert page.evaluate("document.body.clientWidth") <= 600


@pytest.mark.browser
def test_a_table_that_goes_on_over_the_page_repeats_the_words_of_its_head(report):
    page = report()
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.querySelector('thead th button')).display") == "contents"


@pytest.mark.browser
def test_the_cursor_leaves_the_times_below_the_traces_free(report):
    page = report()
    cursor, times = page.locator("#traces .cursor").bounding_box(), page.locator("#traces .panel").last
    text = times.locator("text", has_text="0 s").first.bounding_box()
    assert cursor["y"] + cursor["height"] <= text["y"] + 3


@pytest.mark.browser
def test_a_recordings_own_page_plays_and_seeks(own, browse):
    page = browse(own)
    page.click("#play")
    wait(page, "player.audio.currentTime > 0.3")
    x, y, width = plot_of(page)
    page.mouse.click(x + 0.5 * width, y)
    assert time_of(page) >= SECONDS / 2 - 0.1 and page.is_disabled("#next")


@pytest.mark.browser
def test_hostile_names_run_nothing_load_nothing_and_link_nowhere(hostile, browse):
    for path in hostile:
        page = browse(path)  # whose requests and console are watched
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        page.evaluate("[...Figure.waiting.keys()].forEach(Figure.drawWaiting)")
        x, y, width = plot_of(page)
        page.mouse.move(x + width / 2, y)
        page.wait_for_timeout(300)
        assert page.evaluate("window.ran") is None
        assert page.evaluate("[...document.querySelectorAll('a')].filter((a) => !a.hash).length") == 0
        assert page.evaluate("document.querySelectorAll('svg a, main img, main svg svg[onload]').length") == 0
    page = browse(hostile[0])
    assert page.locator("#traces .head b").first.inner_text().startswith(HOSTILE[0])  # shown as it is
    assert page.locator("#legend >> text=<svg onload").count() == 1


@pytest.mark.browser
def test_a_program_that_is_not_the_pages_own_is_not_run(own, browse, tmp_path):
    text = own.read_text().replace("<main", "<img src=x onerror='window.ran=1'><script>window.ran=1</script><main", 1)
    (tmp_path / "changed.html").write_text(text)
    page = browse(tmp_path / "changed.html")
    assert page.evaluate("window.ran") is None
    assert len([line for line in browse.shown if "Content Security Policy" in line]) == 3  # handler, program, picture
    browse.shown.clear()


@pytest.mark.browser
def test_without_sound_the_cursor_still_goes_where_one_clicks(corpus, make, browse):
    (corpus[0] / "P1dev.wav").unlink()
    make()
    page = browse(corpus[1] / "report.html")
    page.click("#next")
    assert page.is_disabled("#play") and "could not be read" in page.inner_text("#silent")
    x, y, width = plot_of(page)
    page.mouse.click(x + 0.5 * width, y)
    assert page.inner_text("#clock").startswith(("0:09 /", "0:10 /"))


def axe():
    """The text of axe-core, of npm's folder here or of all; None if it is not installed."""
    folders = [ROOT / "node_modules"]
    if shutil.which("npm"):
        done = subprocess.run(["npm", "root", "-g"], capture_output=True, text=True)
        folders.append(Path(done.stdout.strip()))
    paths = [folder / "axe-core" / "axe.min.js" for folder in folders]
    return next((path.read_text(encoding="utf-8") for path in paths if path.is_file()), None)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_that_keeps_anybody_out(make, corpus, own, browse, scheme):
    if not (program := axe()):
        pytest.skip("found no axe-core: npm install axe-core, in the clone or with -g")
    make("--sets", "dev", "test")
    for path in (corpus[1] / "report.html", own):
        page = browse(path, color_scheme=scheme, bypass_csp=True)
        page.evaluate("[...Figure.waiting.keys()].forEach(Figure.drawWaiting)")
        page.evaluate(program)
        found = page.evaluate("axe.run().then((one) => one.violations.map((v) => [v.id, v.nodes.map((n) => n.html)]))")
        assert found == []


@pytest.mark.browser
def test_linked_sound_plays_and_one_that_is_gone_is_told(tmp_path, browse):
    sound, csv = write_sound(tmp_path / "talk #1.wav"), write_csv(tmp_path / "both.csv")
    times, targets, shift = read_predictions(csv)
    text = recording_page.recording_page(
        sound, [("downup", targets, shift, float(times[0]))], "talk", link="talk%20%231.wav"
    )
    (tmp_path / "talk.html").write_text(text)
    assert len(text) < 300_000
    page = browse(tmp_path / "talk.html")
    page.click("#play")
    wait(page, "player.audio.currentTime > 0.3")
    x, y, width = plot_of(page)
    page.mouse.click(x + 0.5 * width, y)
    assert time_of(page) == pytest.approx(SECONDS / 2, abs=0.5)
    sound.unlink()
    page.reload()
    wait(page, "player.play.disabled")
    assert "The sound is not at talk%20%231.wav" in page.inner_text("#silent")
    browse.shown.clear()  # the console says it, too


def test_the_summary_has_the_raters_ceiling_and_what_it_was_made_of(make, corpus):
    data, exp = corpus
    ceiling.main([str(data), str(exp)])
    (data / "agreement.txt").write_text("# RECOLA; gold standard: avec\n")
    page = make()
    low, high = (f"{one:.3f}" for one in glance.ceilings(exp / "ceiling.json")["dev", "arousal"][1:])
    assert f"({low} to {high})" in page and "corpus: RECOLA; gold standard: avec" in page and "commit 0123abcd" in page
    assert page.count("<summary><h3>The paper&#x27;s results</h3>") == 2  # folded, and only on the paper's corpus


def test_the_best_system_is_on_top_and_baselines_are_grouped(make, corpus):
    page = make()
    table = re.search(r"<h3>Arousal</h3>.*?</table>", page, re.DOTALL)[0]
    names = re.findall(r'<th(?: colspan="\d+")? scope="(?:row|colgroup)">([^<]*)', table)
    best = scores.best(json.loads((corpus[1] / "results.json").read_text()))["arousal"]["system"]
    titles = [scores.NETWORKS, scores.OTHERS]
    assert names[1].strip() == best and {*titles} < {name.replace("&#x27;", "'") for name in names}


def test_a_system_that_alone_has_the_highest_ccc_is_marked():
    records = [score_record(name, "anger", "dev", 0.5) for name in ("a", "b")]
    records += [score_record("a", "joy", "dev", 0.5), score_record("b", "joy", "test", 0.6)]
    none, one = scores.score_section(records, is_papers=False).split("<h3>Joy</h3>")
    mark = '<tr class="best"><th scope="row">a <span class="mark">★ highest CCC</span>'
    assert "★" not in none and mark in one and one.count("★") == 1

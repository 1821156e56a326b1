"""What the README of an exported system says; and whether the recipe's own pages name what is there."""

import os
import re
import shlex
import subprocess
import tomllib

import pytest
from conftest import ROOT, score_record
from test_export import FBANK, make_model

import cer
from cer.base.files import write_text
from cer.export import readme
from cer.export.exported import Exported

WAVE = "What the network reads is normalised by the recording's own "
STEPS = '{"method": "chain", "fitted_on": "dev", "steps": [{"step": "shift", "value": 5}]}'


def paragraphs(text):
    """The README's text by heading, each on one line; in front: the title's."""
    title, *parts = re.split(r"^## ", text, flags=re.MULTILINE)
    return {"": title} | {head: " ".join(rest.split()) for head, _, rest in (one.partition("\n") for one in parts)}


@pytest.fixture
def made(tmp_path):
    """Make a system's Exported and its README's parts."""

    def make(arch="dilated", kind="features", runs=2, **about):
        exported = Exported(make_model(tmp_path / f"{arch}{runs}", arch, runs, **about), kind)
        return exported, paragraphs(readme.readme(exported, "synth", True, [], 1.5e-6, "cer 1, torch 2"))

    return make


@pytest.mark.parametrize(
    "arch, kind, about, first, has, lacks",
    [
        ("dilated", "samples", {}, "At 16000 Hz, any length from 240 samples on; ",
         ["The graph computes 8 log mel filterbank features every 0.01 s", f"{WAVE}mean and variance: give whole",
          "Of less than 5 s the recipe takes the training set's mean and variance, this graph does not.",
          "4 frames make a row."], ["Then"]),
        ("dilated", "features", {"norm_vars": False}, "At 100 frames a second, any length from 2 frames on; ",
         [f"{WAVE}mean: give whole recordings of one speaker"], ["The graph computes", "Of less than"]),
        ("dilated", "features", {"norm_vars": False, "norm_means": False},
         "At 100 frames a second, any length from 2 frames on; ", [], [WAVE]),
        ("dilated", "normalised", {}, "At 100 frames a second, any length from 2 frames on; ",
         ["4 frames make a row."], [WAVE]),
        ("end_to_end", "samples", {}, "At 16000 Hz, any length from 2 samples on; ", [],
         ["The graph computes", "frames make a row", "Each frame"]),
    ],
)  # fmt: skip
def test_the_processing_is_told_as_it_is(made, arch, kind, about, first, has, lacks):
    _, parts = made(arch, kind, **about)
    text = " ".join(parts[""].split()).split("value n at n × 0.04 s. ")[1]
    assert text.startswith(f"{first}shorter input is an error or gives no sensible value.")
    for words in has:
        assert words in text
    for words in lacks:
        assert words not in text
    assert "A prediction is the mean of all runs, with any delay of the labels undone." in text
    assert text.endswith("last 300 s on average: predictions for far shorter ones may be flat.")  # 67500 rows of 9


def test_a_frame_may_be_a_row_and_post_processing_is_named(made):
    exported, _ = made()
    write_text(exported.folder / "postprocess.json", STEPS)
    exported = Exported(exported.folder, "features")
    assert " Then post-processing (chain, fitted on dev): shift 0.20 s; " in readme.details(exported)
    for factor, words in ((1, "Each frame is a row."), (2, "2 frames make a row.")):
        object.__setattr__(exported.rows, "frame_subsampling_factor", factor)
        assert f" {words} " in readme.details(exported)


def test_the_title_names_target_and_runs(made):
    assert made()[1][""].startswith("# arousal from speech: dilated, an ensemble of 2 runs\n")
    assert made("dnn", runs=1)[1][""].startswith("# arousal from speech: dnn, an ensemble of one run\n")


def test_what_the_numbers_mean_and_how_well_they_agree(made):
    _, parts = made()
    assert "arousal runs from calm (−1) to excited (+1)." in parts["What the numbers mean"]
    assert "(mean -0.100, deviation 0.200)" in parts["What the numbers mean"]
    assert parts["Versions"].startswith("Made with cer 1, torch 2. On 6 lengths of noise")
    assert "differed by 1.5e-06 at most from those of the recipe's own code (accepted: 1e-05)" in parts["Versions"]


@pytest.mark.parametrize(
    "kind, before",
    [
        ("samples", "With `recording.wav`, 16-bit, one channel, 8000 Hz, beside `model.onnx`: `pip install"),
        ("features", "With `features.npy`, raw features of one recording, beside it: `pip install"),
        ("normalised", "With `features.npy`, normalised features of one recording, beside it: `pip install"),
    ],
)
def test_the_example_takes_the_input(made, kind, before):
    exported, parts = made(kind=kind, fbank=FBANK | {"sample_frequency": 8000.0})
    assert parts["Run it"].startswith(before)
    example = readme.example(exported)
    compile(example, "example", "exec")
    assert ("if found != (8000, 2, 1):" in example) == (kind == "samples")
    assert ("(frames, 8)" in example) == (kind != "samples")
    assert f'{{"{kind}": {kind}}}' in example and "row * 0.04:.2f" in example


def test_the_training_is_told_without_its_seed(made):
    exported, parts = made()
    one = "9 recordings of 45.0 minutes together ({}, checksum 0123abcd)"
    assert readme.training(exported, "synth").splitlines() == [
        "- corpus: synth", f"- {one.format('training')}", f"- {one.format('early stopping')}",
        "- options: num_layers 4, width 4",
    ]  # fmt: skip
    assert readme.training(exported, "").startswith("- corpus: not told\n")
    assert "srand" not in parts["What it was trained on"]


@pytest.mark.parametrize(
    "corpus, is_open, has, lacks",
    [
        ("synth", True, "The corpus, synth, is generated by that code and open", "licensed data"),
        ("own", False, "learnt from the corpus own. **A model that was trained on licensed data", "generated"),
        ("", False, "learnt from the corpus (not told). **A model", "generated"),
    ],
)
def test_the_licence_depends_on_the_corpus(corpus, is_open, has, lacks):
    text = readme.licence(corpus, is_open)
    assert has in text and lacks not in text and "under the Apache License 2.0 (see LICENSE)." in text


def test_scores_are_a_table():
    assert readme.scores([]) == "None were given (`steps/score.sh` makes them)."
    one = score_record("dilated", "arousal", "dev", 0.7)
    more = score_record("dilated", "arousal", "test", 0.65, runs=("run1", "run2"))
    more |= {"ccc_mean": 0.6, "ccc_std": 0.0125, "interval": [-0.5, 0.75]}
    head, _, *rows = readme.scores([one, more]).splitlines()
    assert head == "| set | CCC, ensemble | 95 % interval | CCC, single runs (number) | RMSE | PCC |"
    assert rows == [
        "| dev | 0.700 |  | 0.700 (1) | 0.100 | 0.500 |",
        "| test | 0.650 | -0.500 to 0.750 | 0.600 ± 0.013 (2) | 0.100 | 0.500 |",
    ]


# The recipe's own pages

PAGES = sorted(
    path
    for path in subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True).stdout.split()
    if (ROOT / path).is_file() and not path.startswith("tests/")
)
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
OF_TESTS = ("--help", "--cluster", "--faults", "--fuzz", "--results")
PROGRAM = re.compile(r"(?:\./|cer/)?(run\.sh|(?:steps|local|utils|tests|egs)/[\w/]+\.(?:sh|py))")


def blocks(page):
    """The blocks of shell commands of a page: lists of commands, each a list of words."""
    for kind, text in FENCED.findall((ROOT / page).read_text()):
        if (
            not kind
            and (PROGRAM.search(text) or "python3 -m " in text)
            and "─" not in text
            and not text.startswith("#!")
        ):
            lines = re.sub(r"<<'END'\n.*?\nEND\n", "\n", text.replace("\\\n", ""), flags=re.DOTALL).splitlines()
            yield [
                words
                for line in lines
                for part in re.split(r"; (?=[^\"']*$)| \| | && ", re.sub(r"(^|\s)#.*", "", line))
                if (words := shlex.split(part))
            ]


def options(words):
    """The options among the words of a command: --name value in shell scripts, --name[=value] in Python programs."""
    words, shell = words[1:], words[0].endswith(".sh")
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            yield word.partition("=")[0]
            if shell and words:
                words.pop(0)


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_are_there_with_their_options(page):
    for block in blocks(page):
        sourced = False
        for words in block:
            sourced |= words == [".", "./path.sh"]
            while words and "=" in words[0].partition("/")[0]:
                del words[0]  # variables
            if words[:2] == ["python3", "-m"]:
                words[:3] = [f"{words[2].replace('.', '/')}.py"]
            if not words or not (found := PROGRAM.fullmatch(words[0])):
                continue
            program = ROOT / found[1]
            if "egs/mine" in found[1]:
                continue  # the reader's own
            assert os.access(program, os.R_OK if program.suffix == ".py" else os.X_OK), f"{page}: {words[0]}"
            text = program.read_text()
            assert sourced or program.suffix == ".sh", f"{page}: {' '.join(words)}: without . ./path.sh"
            for name in options([found[1], *words[1:]]):
                said = f'"{name}"' if program.suffix == ".py" else f"\n{name[2:].replace('-', '_')}="
                assert said in text or name in OF_TESTS, f"{page}: {words}: {name}"
            if found[1] == "utils/setup.sh":
                groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
                assert {*words[1:]} <= groups.keys()


@pytest.mark.parametrize("page", PAGES)
def test_python_programs_are_called_where_they_find_the_package(page):
    for code in re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", FENCED.sub("", (ROOT / page).read_text())):
        if code.startswith("python3 ") and " " in code.removeprefix("python3 -m "):
            pytest.fail(f"{page}: {code}: without . ./path.sh")


@pytest.mark.parametrize("page", PAGES)
def test_what_python_examples_import_is_there(page):
    for kind, text in FENCED.findall((ROOT / page).read_text()):
        if kind == "python":
            compile(text, page, "exec")
            for line in re.findall(r"^(?:from|import) .*", text, re.MULTILINE):
                exec(line, {})


def slugs(page):
    """The anchors of a page's headings."""
    heads = re.findall(r"^#+ (.*)$", FENCED.sub("", (ROOT / page).read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    folder = (ROOT / page).parent
    for link in re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", (ROOT / page).read_text())):
        path, _, anchor = link.partition("#")
        if not re.match(r"https?:", link):
            there = (folder / path).resolve() if path else ROOT / page
            assert there.exists(), f"{page}: {link}"
            assert not anchor or anchor in slugs(there.relative_to(ROOT)), f"{page}: {link}"


@pytest.mark.parametrize("page", PAGES)
def test_files_that_a_page_names_are_there(page):
    names = re.findall(r"`((?:cer|steps|local|utils|tests|conf|egs)/[\w/.-]+)`", (ROOT / page).read_text())
    names = [name for name in names if "mine" not in name and not (ROOT / name).exists()]
    assert not [name for name in names if not (ROOT / name.removeprefix("cer/")).exists()]  # in a Kaldi recipe


def test_the_readme_and_the_results_stay_short():
    assert (ROOT / "README.md").read_text().count("\n") <= 200
    results = (ROOT / "egs" / "synth" / "RESULTS.md").read_text()
    assert results.count("\n") <= 250
    first = re.search(r"(?:^\|.*\n)+", results, re.MULTILINE)[0].splitlines()
    assert first[0] == "| the paper claims | found here | verdict |"
    assert not [cell for row in first for cell in row.split("|") if len(cell.split()) > 20]
    assert results.index("\n## Commands\n") > results.rindex("\n| ")


def rows_below(text, head):
    """The rows of the first table below a heading: lists of cells, by the first one."""
    table = re.search(r"(?:^\|.*\n)+", text[text.index(f"\n## {head}\n") :], re.MULTILINE)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    return {row[0].removesuffix(" †"): row for row in rows}


def test_the_figures_of_the_readme_are_those_of_the_results():
    said = rows_below((ROOT / "README.md").read_text(), "Results on the open corpus")
    found = rows_below((ROOT / "egs/synth/RESULTS.md").read_text(), "The same on 3 corpora")
    systems = {"downup": "downup", "dilated": "dilated", "blstm, as many parameters as dilated": "blstm"}
    systems |= {"single filter of 20 s": "single", "linear_statistics, 8 s": "linear_statistics"}
    systems |= {"linear_statistics, 8 s, with label delay": "linear_statistics_delay"}
    assert {*said} == {"system", "---", *systems}
    for name, system in systems.items():
        assert said[name][1:] == [found[system][n].replace("0.", ".") for n in (2, 4, 6, 8)], name


def test_a_citation_names_this_version():
    assert f"\nversion: {cer.__version__}\n" in (ROOT / "CITATION.cff").read_text()

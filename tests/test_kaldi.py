"""The steps called from a recipe of Kaldi's: its own path.sh, utils/, launcher and data, which stay as they are."""

import os
import re
import shutil
import subprocess

import kaldi_native_io
import numpy as np
import pytest
from conftest import GOLDEN, ROOT, write_archive
from faults import forks
from test_recipe import copy_of_the_project, server

from cer.base.tables import read_table
from cer.data import datadir

THEIRS = {
    "path.sh": """export KALDI_ROOT=$(pwd)/../kaldi
        export PATH=$PWD/utils/:$KALDI_ROOT/bin:$PWD:$PATH
        export LC_ALL=C""",
    "cmd.sh": 'export train_cmd="queue.pl --mem 2G"',
    "conf/fbank.conf": "--num-mel-bins=40\n--dither=0\n",
    # As Kaldi's: --name value sets a variable that is there already.
    "utils/parse_options.sh": """while [[ ${1-} == --* ]]; do
        name=${1#--}; name=${name//-/_}
        [ -n "${!name+set}" ] || { echo "$0: invalid option $1" >&2; exit 1; }
        printf -v "$name" %s "$2"; shift 2
        done; true""",
    # As Kaldi's: jobs inherit PATH alone, start in the same directory and source the recipe's path.sh.
    "utils/queue.pl": r"""#!/usr/bin/env bash
        while [[ $1 == -* ]]; do shift 2; done
        range=$1 log=$2; shift 2
        name=${range%%=*} numbers=${range#*=}
        for n in $(seq ${numbers%:*} ${numbers#*:}); do
          command="$*"
          mkdir -p "$(dirname "${log//$name/$n}")"
          printf 'cd %s\n. ./path.sh\n%s\n' "$PWD" "${command//$name/$n}" > "${log//$name/$n}.sh"
          env -i PATH=/usr/bin:/bin bash "${log//$name/$n}.sh" > "${log//$name/$n}" 2>&1 < /dev/null || status=1
        done
        exit ${status-0}""",
    "../kaldi/bin/compute-fbank-feats": "#!/bin/sh\nexit 1",
} | {
    f"{folder}/{name}": "#!/bin/sh\necho $0 of another recipe was called >&2; exit 9"
    for folder, names in {
        "utils": [
            "validate_data_dir.sh",
            "split_data.sh",
            "run.pl",
            "python.sh",
            "once.py",
            "once.sh",
            "as_one.sh",
            "run.py",
        ],
        "steps": ["make_fbank.sh", "compute_cmvn_stats.sh", "train.sh"],
        "local": ["score.sh"],
        "../kaldi/bin": ["python3"],  # of theirs, too old for us
    }.items()
    for name in names
}


@pytest.fixture
def s5(tmp_path):
    """The recipe, s5, with our project linked into it as `cer`."""
    top = tmp_path / "egs" / "s5"
    for name, text in THEIRS.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(line.strip() for line in text.splitlines()) + "\n")
        path.chmod(0o755)
    copy_of_the_project(tmp_path / "elsewhere")
    (top / "cer").symlink_to(tmp_path / "elsewhere")
    environment = {"PATH": os.environ["PATH"], "CER_PYTHON": str(forks.python3(tmp_path, server()[0]["FAULTS_SERVER"]))}
    subprocess.run(["cer/utils/setup.sh"], cwd=top, env=environment, check=True)
    return top


def call(s5, commands):
    """Run shell commands in the recipe as its run.sh would."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(s5)}
    script = f"stage=0; . ./path.sh; . ./cmd.sh; . utils/parse_options.sh; set -e\nbefore=$PATH\n{commands}\n"
    done = subprocess.run(
        ["bash", "-c", script + '[ "$PATH" = "$before" ]'], cwd=s5, env=environment, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def data_dir(directory, utterances, **files):
    """A data directory; utterances: id -> number of labels. files: texts, by their names with __ for a dot."""
    directory.mkdir(parents=True)
    speakers = {}
    for key in utterances:
        speakers.setdefault(key.split("-")[0], []).append(key)
    files |= {
        "utt2spk": "".join(f"{key} {key.split('-')[0]}\n" for key in utterances),
        "spk2utt": "".join(f"{speaker} {' '.join(keys)}\n" for speaker, keys in speakers.items()),
        "label_shift": "0.04\n",
    }
    for name, text in files.items():
        (directory / name.replace("__", ".")).write_text(text)
    random = np.random.default_rng(1)
    labels = {key: np.cumsum(random.normal(0, 0.1, (rows, 1)), axis=0) for key, rows in utterances.items()}
    write_archive(directory, "arousal", {key: one.astype(np.float32) for key, one in labels.items()})


def recordings(s5):
    """Data directories: train of whole recordings, dev of segments of one that a command puts out."""
    wavs = {key: f"{key} {GOLDEN}/wav/{key}.wav\n" for key in ("P01-001", "P01-002", "P02-001")}
    data_dir(s5 / "data/train", {"P01-001": 250, "P01-002": 255, "P02-001": 245}, wav__scp="".join(wavs.values()))
    segments = "P01-002-a P01-002 0 5\nP01-002-b P01-002 5 10\n"
    data_dir(s5 / "data/dev", {"P01-002-a": 125, "P01-002-b": 125}, wav__scp=wavs["P01-002"], segments=segments)


def theirs(s5):
    return {name: (s5 / name).read_text() for name in THEIRS} | {".": sorted(path.name for path in s5.iterdir())}


def blocks_of_the_readme():
    text = (ROOT / "egs" / "README.md").read_text().partition("## Inside a Kaldi recipe")[2]
    return re.findall(r"```\n(.*?)```", text, re.DOTALL)


def commands_of_the_readme(num_runs):
    block = blocks_of_the_readme()[0]
    assert "ln -s" in block and "--num-runs 5" in block
    block = block[block.index(". ./cmd.sh") :]  # linking and setting up is done
    return block.replace("--num-runs 5", f"--num-runs {num_runs} --opts --max-epochs=2")


def read_by_kaldi(scp):
    with kaldi_native_io.SequentialFloatMatrixReader(f"scp:{scp}") as reader:
        return {key: np.array(matrix) for key, matrix in reader}


def test_the_commands_of_the_readme_work_in_a_recipe_of_kaldis_and_leave_it_as_it_is(s5):
    recordings(s5)
    (s5 / "exp").mkdir()
    before = theirs(s5)
    status, text = call(s5, commands_of_the_readme(num_runs=1))
    assert status == 0, text + "".join(path.read_text() for path in s5.glob("exp/cer/downup/arousal/log/*.log"))
    assert theirs(s5) == before and "of another recipe" not in text
    golden = {f"P{n}": len(frames) for n, frames in read_by_kaldi(s5 / "data/train/feats.scp").items()}
    assert golden == {"PP01-001": 998, "PP01-002": 1018, "PP02-001": 980}  # their conf/fbank.conf: snip-edges
    out = s5 / "exp/cer/downup/arousal/predict_dev"
    assert {key: matrix.shape for key, matrix in read_by_kaldi(out / "output.scp").items()} == {
        "P01-002-a": (125, 1), "P01-002-b": (125, 1)
    }  # fmt: skip
    assert "CCC" in (out / "score.txt").read_text()
    for name in ("train", "dev"):
        assert call(s5, f"cer/utils/validate_data_dir.sh --no-text data/{name}")[0] == 0
        archive = datadir.Archive(s5 / "data" / name / "feats.scp")
        assert all(np.abs(read - archive[key]).max() < 1e-5 for key, read in read_by_kaldi(archive.scp).items())
    shutil.copytree(s5 / "exp/cer/downup", s5 / "exp/cer/blstm")  # a second system
    compare = blocks_of_the_readme()[1]
    status, text = call(s5, f"cer/steps/score.sh data/dev exp/cer/blstm/arousal/predict_dev\n{compare}")
    assert status == 0 and "1 pair compared" in text and theirs(s5) == before, text
    assert "| downup | blstm | dev | arousal | ensembles |" in (s5 / "exp/cer/RESULTS.md").read_text()


def test_a_recipe_without_a_conf_takes_ours_and_pipes_are_run_when_told(s5):
    recordings(s5)
    (s5 / "conf" / "fbank.conf").unlink()
    (s5 / "data/dev/wav.scp").write_text(f"P01-002 cat {GOLDEN}/wav/P01-002.wav |\n")
    status, text = call(s5, "cer/steps/make_fbank.sh data/dev")
    assert status == 1 and "data/dev/wav.scp:1: P01-002: found the pipe" in text and "--allow-pipes true" in text
    status, text = call(s5, "cer/steps/make_fbank.sh --nj 5 --allow-pipes true data/dev")
    assert status == 0 and "using 2 jobs instead of 5" in text, text
    assert (s5 / "data/dev/utt2num_frames").read_text() == "P01-002-a 500\nP01-002-b 500\n"
    assert (s5 / "data/dev/utt2dur").read_text() == "P01-002-a 5\nP01-002-b 5\n"
    (s5 / "data/dev/wav.scp").write_text(f"P01-002 cat {GOLDEN}/wav/P01-002.wav; exit 3 |\n")
    status, text = call(s5, "cer/steps/make_fbank.sh --allow-pipes true data/dev")
    assert status == 1 and "failed with status 3" in text


@pytest.mark.parametrize("name, text", [("spk2warp", "P01 0.9\n"), ("utt2warp", "P01-001 0.9\n")])
def test_warp_factors_that_kaldi_would_apply_are_not_left_out_without_a_word(tmp_path, name, text):
    wav = f"P01-001 {GOLDEN}/wav/P01-001.wav\n"
    data_dir(tmp_path / "data", {"P01-001": 250}, wav__scp=wav, **{name: text})
    done = subprocess.run([ROOT / "steps/make_fbank.sh", tmp_path / "data"], capture_output=True, text=True)
    assert done.returncode == 1 and not (tmp_path / "data/feats.scp").exists()
    assert f"found {tmp_path}/data/{name}, whose warp factors Kaldi applies (VTLN), expected none" in done.stderr


@pytest.mark.parametrize(
    "words", ["train.sh --list true no_such arousal a b c", "predict.sh --list true a b c", "predict_live.sh a"]
)
def test_what_a_recipes_path_sh_prints_is_not_mixed_into_what_programs_read(tmp_path, words):
    (tmp_path / "path.sh").write_text("echo SRILM is not installed in $KALDI_ROOT/tools.\n")  # as vystadial's does
    step, *others = words.split()
    done = subprocess.run([ROOT / "steps" / step, *others], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout == "" and "SRILM is not installed" in done.stderr


def test_files_of_a_data_directory_may_be_links_to_files_of_other_names(s5):
    recordings(s5)
    for name in ("wav.scp", "segments"):
        (s5 / "data/dev" / name).rename(s5 / f"dev_{name}")
        (s5 / "data/dev" / name).symlink_to(f"../../dev_{name}")
    status, text = call(s5, "cer/steps/make_fbank.sh data/dev")
    assert status == 0 and set(read_table(s5 / "data/dev/feats.scp")) == {"P01-002-a", "P01-002-b"}, text


def test_steps_and_utils_may_be_linked_into_a_recipe_as_kaldis_are(s5):
    recordings(s5)
    (s5 / "cmd.sh").write_text("train_cmd=run.py\n")
    (s5 / "conf" / "fbank.conf").unlink()
    for name in ("steps", "utils"):
        shutil.rmtree(s5 / name)
        (s5 / name).symlink_to(f"cer/{name}")
    (s5 / "data/train/feats.scp").write_text("".join(f"{key} old.ark:8\n" for key in ("P01-001", "P01-002", "P02-001")))
    (s5 / "data/train/frame_shift").write_text("0.01\n")
    for step in ("steps/make_fbank.sh --nj 1", "steps/compute_cmvn_stats.sh", "utils/validate_data_dir.sh --no-text"):
        status, text = call(s5, f"{step} data/train")
        assert status == 0, text
    assert {matrix.shape[1] for matrix in read_by_kaldi(s5 / "data/train/feats.scp").values()} == {40}
    status, text = call(
        s5, "utils/setup.sh; utils/python.sh -c 'import numpy'; echo echo x | utils/run_lines.sh - JOB.log"
    )
    assert status == 0 and not (s5 / ".venv").exists(), text
    assert "exp: no such folder" in call(s5, "steps/predict_live.sh exp")[1]


@pytest.mark.parametrize("form", ["compressed", pytest.param("float", marks=pytest.mark.slow)])
def test_features_and_statistics_that_kaldi_made_are_used_as_they_are(s5, form):
    name = "fbank_cm1" if form == "compressed" else "fbank"
    places = {key: f"{GOLDEN}/{place}" for key, place in read_table(GOLDEN / "fbank" / f"{name}.scp").items()}
    ranges = {"P01-002-a": "[0:499]", "P01-002-b": "[500:999]", "P02-001-a": "[100:599]"}
    feats = "".join(f"{key} {places[key[:7]]}{rows}\n" for key, rows in ranges.items())
    segments = "".join(f"{key} {key[:7]} {n} {n + 5}\n" for n, key in enumerate(ranges))
    for name in ("train", "dev"):
        data_dir(s5 / "data" / name, dict.fromkeys(ranges, 125), feats__scp=feats, segments=segments,
                 wav__scp="P01-002 a.wav\nP02-001 b.wav\n", frame_shift="0.01\n")  # fmt: skip
        status, text = call(s5, f"cer/steps/compute_cmvn_stats.sh data/{name}")
        assert status == 0, text
        assert call(s5, f"cer/utils/validate_data_dir.sh --no-text data/{name}")[0] == 0
    with kaldi_native_io.SequentialDoubleMatrixReader(f"scp:{s5}/data/dev/cmvn.scp") as reader:
        stats = {key: np.array(matrix) for key, matrix in reader}
    read = read_by_kaldi(s5 / "data/dev/feats.scp")
    assert np.allclose(stats["P02"][0], [*read["P02-001-a"].astype(float).sum(axis=0), 500], rtol=1e-6)
    kaldis = read_table(GOLDEN / "cmvn/cmvn.scp")  # stage 3 with Kaldi's own
    (s5 / "data/train/cmvn.scp").write_text("".join(f"{key} {GOLDEN}/{place}\n" for key, place in kaldis.items()))
    commands = commands_of_the_readme(num_runs=1).partition("done\n")[2].replace("downup", "linear_stacking")
    status, text = call(s5, commands)
    assert status == 0, text
    output = read_by_kaldi(s5 / "exp/cer/linear_stacking/arousal/predict_dev/output.scp")
    assert [(key, matrix.shape) for key, matrix in output.items()] == [(key, (125, 1)) for key in ranges]

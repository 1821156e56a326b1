"""local/benchmark/training.py: it counts the products that it says it counts, and runs to its table."""

import numpy as np
import pytest
from conftest import make_data_dir

from local.benchmark import training as benchmark


def test_the_products_of_a_network_are_those_of_its_convolutions():
    net = benchmark.Net("x", "dilated", 5, num_layers=2, width=3, filter_width=2)
    one = [(np.zeros((10, 5), "f4"), np.zeros(10, "f4"))]
    assert net.products(one, []) == {
        ("forward", 10, 5, 3): 2, ("grad weight", 10, 5, 3): 2,  # the first layer's input needs no gradient
        ("forward", 10, 3, 3): 2, ("grad weight", 10, 3, 3): 2, ("grad input", 10, 3, 3): 2,
        ("forward", 10, 3, 1): 1, ("grad weight", 10, 3, 1): 1, ("grad input", 10, 3, 1): 1,
    }  # fmt: skip
    assert net.products([], one) == {("forward", 10, 5, 3): 2, ("forward", 10, 3, 3): 2, ("forward", 10, 3, 1): 1}
    assert benchmark.operations(net.products([], one)) == 2 * 10 * (2 * 15 + 2 * 9 + 3)


def check(text):
    lines = [line for line in text.splitlines() if line.startswith("| d")]
    assert len(lines) == 3 and text.startswith("## Efficiency of training\n")
    ratios = [float(line.split(" | ")[3]) for line in lines]
    assert min(ratios) == 1 or "blstm" in text
    assert "1 thread, PyTorch" in text and "GFLOP/s here" in text


def test_it_runs_on_random_rows(tmp_path):
    shape = ["--num-utterances=2", "--num-rows=30", "--input-dim=8"]
    benchmark.main(["--random", "--repeats=1", *shape, f"--exp={tmp_path}"])
    text = (tmp_path / "sections" / "80-efficiency.md").read_text()
    check(text)
    assert "60 rows of 8 columns to learn from, 60 for dev, random" in text


def test_it_runs_on_data(tmp_path, capsys):
    make_data_dir(tmp_path / "train", rows=50)
    make_data_dir(tmp_path / "dev", utterances=1, rows=50)
    benchmark.main(["--repeats=1", str(tmp_path)])
    text = capsys.readouterr().out
    check(text[text.index("##") :])
    assert "150 rows of 16 columns to learn from, 50 for dev" in text


@pytest.mark.parametrize("words", [[], ["data", "--random"]])
def test_what_is_asked_for_must_be_clear(words):
    with pytest.raises(SystemExit, match="expected either a folder of data or --random"):
        benchmark.main(words)


def test_number_of_repeats_is_at_least_one(capsys):
    with pytest.raises(SystemExit):
        benchmark.main(["--random", "--repeats=0"])
    assert "--repeats: found '0', expected a whole number from 1" in capsys.readouterr().err

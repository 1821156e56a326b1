"""local/search.sh and its programs: from a plan to a table of trials, what is new alone being trained."""

import subprocess

import pytest
from conftest import ROOT

from cer.base.errors import BadInput
from cer.base.options import read_config
from cer.bin import train
from local.search import plan as search_plan
from local.search import table as search_table


def write_plan(folder, text):
    (folder / "plan.conf").write_text(text)
    return folder / "plan.conf"


def plan_of(folder, text):
    return search_plan.read_plan(write_plan(folder, text), train.parser("downup"))


def search(folder, *options):
    """Run the script on the small directories; returns its status and output."""
    words = ["downup", "arousal", folder / "train", folder / "dev", folder / "search"]
    done = subprocess.run(
        ["local/search.sh", "--opts", "--max-epochs=2 --width=4", *options, folder / "plan.conf", *words],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def times(folder):
    return {path: path.stat().st_mtime_ns for path in folder.glob("search/*/run*/final.pt")}


def test_a_plan_is_the_grid_of_its_lines(tmp_path):
    plan = plan_of(tmp_path, "--learning-rate=0.001 1e-3 0.003  # two of them equal\n--width=4 8\n")
    assert plan == {"learning-rate": ["0.001", "0.003"], "width": ["4", "8"]}
    names = [search_plan.name_of(point) for point in search_plan.points(plan, 0, 1)]
    assert names[0] == "learning-rate=0.001,width=4" and len(set(names)) == 4


def test_a_larger_sample_holds_the_smaller_one_and_another_seed_draws_others(tmp_path):
    plan = plan_of(tmp_path, "--l2=0 0.1 0.2 0.3 0.4\n--width=1 2 3 4 5\n")
    few, more, other = (search_plan.points(plan, *how) for how in ((5, 1), (9, 1), (5, 2)))
    assert more[:5] == few and len({*map(search_plan.name_of, more)}) == 9 and other != few


@pytest.mark.parametrize(
    "text, message",
    [
        ("--widht=3\n", "plan.conf:1: found --widht, which cannot be searched; expected one of .*--width"),
        ("--srand=1 2\n", "plan.conf:1: found --srand"),
        ("# x\n--width=3 wide\n", "plan.conf:2: .*wide"),
        ("--width=\n", "plan.conf:1: .*expected names or numbers"),
        ("--width=3\n--width=4\n", "plan.conf:2: --width stands here for the second time"),
        ("--activation=relu ../x\n", "plan.conf:1: .*expected names"),
        ("# nothing\n", "is empty"),
    ],
)
def test_a_wrong_plan_is_refused(tmp_path, text, message):
    with pytest.raises(BadInput, match=message):
        plan_of(tmp_path, text)


def test_a_point_that_no_network_can_be_stops_before_any_training(small):
    write_plan(small, "--factor=2\n--upsampling-filter-width=15\n")
    status, text = search(small)
    assert status == 1 and "factor=2,upsampling-filter-width=15 cannot be: found an upsampling filter of 15" in text
    assert not (small / "search" / "jobs").exists()


@pytest.mark.parametrize("path", sorted((ROOT / "conf" / "search").iterdir()), ids=lambda path: path.stem)
def test_the_plans_of_the_house_can_be_used(path, capsys):
    arch = path.stem if path.stem in ("dilated", "downup") else "downup"
    base = f"--base={ROOT / 'conf' / arch}.conf"
    search_plan.main([f"--arch={arch}", base, "--num-samples=30", str(path)])
    assert 5 <= len(capsys.readouterr().out.splitlines()) <= 30


def test_a_grid_that_is_too_large_asks_for_a_sample(tmp_path):
    plan = write_plan(tmp_path, f"--width={' '.join(map(str, range(1, 300)))}\n")
    with pytest.raises(SystemExit, match="has 299 points"):
        search_plan.main(["--arch=downup", str(plan)])


@pytest.mark.parametrize(
    "value, values, at_edge",
    [("3", "1 2 3", True), ("2", "1 2 3", False), ("1", "1 2 3", False), ("0", "0 0.1", False), ("0.1", "0.1 1", True),
     ("3", "3", False), ("relu", "relu tanh", False)],
)  # fmt: skip
def test_the_edge_of_a_grid_is_where_it_could_go_on(value, values, at_edge):
    assert search_table.edge(value, values.split()) is at_edge


@pytest.mark.slow
def test_a_search_ranks_its_trials_and_trains_only_what_is_new(small):
    write_plan(small, "--learning-rate=0.003 0.01\n")
    status, text = search(small)
    assert status == 0, text
    rows = [line.split("\t") for line in (small / "search" / "search.tsv").read_text().splitlines()]
    assert rows[0][:4] == ["learning-rate", "mean dev CCC", "deviation", "runs"] and len(rows) == 3
    assert float(rows[1][1]) >= float(rows[2][1]) and rows[1][3] == "2" and rows[1][-1] == "done" and rows[1][-2] != "–"
    best = small / "search" / "best.conf"
    assert [token for _, token in read_config(best)] == [f"--learning-rate={rows[1][0]}"]
    assert "edge of the plan: extend it (0.003 0.01)" in best.read_text() and "runner-up" in best.read_text()
    assert (small / "search" / "sections" / "90-search.md").read_text().startswith("## Search plan: downup, arousal\n")

    before = times(small)
    write_plan(small, "--learning-rate=0.003 0.01 1e20\n")  # the last one diverges
    status, text = search(small)
    assert status == 0 and text.count("2 of 2 runs are up to date") == 2 and "of 2 done" in text, text
    after = times(small)
    assert {name: after[name] for name in before} == before
    rows = [line.split("\t") for line in (small / "search" / "search.tsv").read_text().splitlines()]
    assert len(rows) == 4 and rows[3][0] == "1e+20" and rows[3][-1] == "2 x diverged" and rows[1][-2] != "–"


@pytest.mark.slow
def test_a_plan_of_values_that_cannot_be_is_refused_before_anything_is_trained(small):
    write_plan(small, "--max-epochs=0 1\n")
    status, text = search(small, "--num-runs", "1")
    assert status == 1 and "plan.conf:1: argument --max-epochs: found '0', expected a whole number" in text


def test_a_line_of_a_file_is_run_as_it_stands(tmp_path):
    (tmp_path / "jobs").write_text("echo one\necho 'two  words' && exit 3\n")
    results = [
        subprocess.run(["utils/run_line.sh", tmp_path / "jobs", n], cwd=ROOT, capture_output=True, text=True)
        for n in "123"
    ]
    assert [(r.returncode, r.stdout.splitlines()[1:]) for r in results] == [(0, ["one"]), (3, ["two  words"]), (1, [])]
    assert "has no line 3" in results[2].stderr

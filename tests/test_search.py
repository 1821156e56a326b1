"""local/search.sh and its programs: from a plan to a table of trials, what is new alone being trained."""

import json
import subprocess

import pytest
from conftest import ROOT

from cer.base.errors import BadInput
from cer.base.facts import Stamp, take
from cer.base.files import write_text
from cer.base.locks import alone
from cer.base.options import read_config
from cer.bin import train
from local.results import sections
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


def test_a_second_call_in_a_folder_leaves_what_is_there(tmp_path):
    write_plan(tmp_path, "--l2=0\n")
    write_text(tmp_path / "search" / "best.conf", "--l2=1\n")
    with alone(tmp_path / "search" / ".lock", "a search"):
        status, text = search(tmp_path)
    assert status == 1 and "is at work on it; wait until it has ended" in text
    assert [path.name for path in (tmp_path / "search").iterdir() if path.name != ".lock"] == ["best.conf"]


def test_the_name_of_a_trial_of_many_options_can_be_a_folders():
    names = [search_plan.name_of({f"option-{n}": "0.001" for n in range(20)} | {"z": value}) for value in ("1", "2")]
    assert names[0] != names[1] and {len(name) for name in names} == {240} and names[0].startswith("option-0=0.001,op")


NETS = sorted({path.stem for path in (ROOT / "conf" / "search").glob("*.conf")} - {"learning-rate"})


@pytest.mark.parametrize("arch", NETS)
def test_the_plan_of_each_network_has_24_points_to_draw_that_can_be_trained(arch, capsys):
    words = [f"--arch={arch}", f"--base={ROOT}/conf/{arch}.conf"]
    search_plan.main([*words, "--num-samples=24", str(ROOT / "conf" / "search" / f"{arch}.conf")])
    assert len({*capsys.readouterr().out.splitlines()}) == 24
    search_plan.main([*words, str(ROOT / "conf" / "search" / "learning-rate.conf")])
    assert capsys.readouterr().out.count("learning-rate=") == 10


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


def test_a_grid_that_is_too_large_asks_for_a_sample(tmp_path):
    plan = write_plan(tmp_path, f"--width={' '.join(map(str, range(1, 300)))}\n")
    with pytest.raises(SystemExit, match="has 299 points"):
        search_plan.main(["--arch=downup", str(plan)])


def test_a_grid_may_have_so_many_points_and_a_sample_comes_from_so_many(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(search_plan, "MOST", 3)
    monkeypatch.setattr(search_plan, "MOST_OF_GRID", 4)

    def lines(values, *options):
        search_plan.main(["--arch=downup", *options, str(write_plan(tmp_path, f"--width={values}\n--l2=0.1\n"))])
        return capsys.readouterr().out.splitlines()

    assert lines("4 8 2") == [f"l2=0.1,width={width} --width={width} --l2=0.1" for width in (4, 8, 2)]
    with pytest.raises(SystemExit, match="has 4 points, found --num-samples=0; draw some of them"):
        lines("1 2 4 8")
    assert len(lines("1 2 4 8", "--num-samples=2")) == 2
    with pytest.raises(SystemExit, match="has 5 points, found --num-samples=2; .*[(]of 4 points at most"):
        lines("1 2 4 8 9", "--num-samples=2")


def test_a_sample_without_a_seed_is_that_of_seed_1(tmp_path, capsys):
    plan = str(write_plan(tmp_path, "--width=1 2 3 4 5 6 7 8 9\n"))
    texts = []
    for options in ([], ["--seed=1"], ["--seed=2"]):
        search_plan.main(["--arch=downup", "--num-samples=4", *options, plan])
        texts.append(capsys.readouterr().out)
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.parametrize("option", ["--arch=dilated", "--target=x", "--srand=1", "--config=x", "--help=1"])
def test_what_is_chosen_elsewhere_cannot_be_searched(tmp_path, option):
    with pytest.raises(BadInput, match=f"found {option.split('=')[0]}, which cannot be searched"):
        plan_of(tmp_path, f"{option}\n")


def test_plan_and_table_need_an_architecture_and_the_table_the_number_of_runs(tmp_path, capsys):
    plan = str(write_plan(tmp_path, "--width=2\n"))
    for main, words in (
        (search_plan.main, [plan]),
        (search_table.main, [str(tmp_path), plan, "--num-runs=1"]),
        (search_table.main, [str(tmp_path), plan, "--arch=downup"]),
    ):
        with pytest.raises(SystemExit) as error:
            main(words)
        assert error.value.code == 2 and "required: --" in capsys.readouterr().err


# The table of the trials


@pytest.fixture
def trials(tmp_path, monkeypatch):
    """Make the folder of a search: trials([(name, options)]), then trials.run(name, number, result) for each run."""

    def described(made):
        return json.loads((made / "x").read_text()) if (made / "x").exists() else None

    monkeypatch.setattr(search_table, "read_description", described)

    def make(runs):
        (tmp_path / "trials").write_text("".join(f"{name} {words}\n" for name, words in runs))
        return tmp_path

    def run(name, number, result, log="", stamped=True):
        made, logs = tmp_path / name / f"run{number}", tmp_path / name / "log"
        for folder in (made, logs):
            folder.mkdir(parents=True, exist_ok=True)
        if log:
            (logs / f"train.{number}.log").write_text(log)
        if result:
            (made / "x").write_text(json.dumps({"result": result}))
        if stamped:
            Stamp(tmp_path / name / f".done.run{number}").commit([], take())

    make.run = run
    return make


LOG = "# x\nsys: epoch 1 of 9: CCC; 1.5 s an epoch\nsys: epoch {} of 9: CCC; {} s an epoch\n"


def good(ccc, epochs=4, best=2):
    return {"dev_ccc": ccc, "epochs": epochs, "best_epoch": best}


def tabulated(folder, plan, status=0, num_runs=2, failed=()):
    """The rows of search.tsv, and best.conf or None."""
    write_plan(folder, plan)
    words = [
        str(folder),
        str(folder / "plan.conf"),
        *map(str, failed),
        "--arch=downup",
        "--name=p: downup",
        f"--num-runs={num_runs}",
    ]
    if status:
        with pytest.raises(SystemExit, match=status):
            search_table.main(words)
    else:
        search_table.main(words)
    best = folder / "best.conf"
    rows = [line.split("\t") for line in (folder / "search.tsv").read_text().splitlines()]
    return rows, best.read_text() if best.exists() else None


def test_trials_are_ranked_by_the_mean_of_their_runs(trials, capsys):
    folder = trials([(f"width={n}", f"--width={n}") for n in (2, 4, 8)])
    for n, cccs in {2: (0.1, 0.2), 4: (0.3, 0.5), 8: (0.4, 0.2)}.items():
        trials.run(f"width={n}", 1, good(cccs[0]), LOG.format(4, "2.0"))
        trials.run(f"width={n}", 2, good(cccs[1], 7, 5), LOG.format(7, "3.0"))
    rows, best = tabulated(folder, "--width=2 4 8\n")
    assert rows == [
        ["width", "mean dev CCC", "deviation", "runs", "epochs", "best epoch", "seconds", "state"],
        ["4", "0.4000", "0.1414", "2", "5.5", "3.5", "14", "done"],  # seconds: mean of 4 x 2 and 7 x 3, rounded to even
        ["8", "0.3000", "0.1414", "2", "5.5", "3.5", "14", "done"],
        ["2", "0.1500", "0.0707", "2", "5.5", "3.5", "14", "done"],
    ]
    assert best == (
        "# Search p: downup: best of 3 trials, mean CCC 0.4000 +- 0.1414 of 2 runs on dev\n"
        "# runner-up: mean CCC 0.3000 +- 0.1414 of 2 runs with --width=8\n--width=4\n"
    )
    section = (folder / "sections" / "90-search.md").read_text()
    assert section.startswith("## Search p: downup\n") and f"```\n{best}```" in section
    assert "| 4 | 0.4000 | 0.1414 |" in section and capsys.readouterr().out == section


def test_one_run_has_no_deviation_and_equal_figures_are_said(trials):
    folder = trials([("l2=0", "--l2=0"), ("l2=1", "--l2=1")])
    for name in ("l2=0", "l2=1"):
        trials.run(name, 1, good(0.5))
    rows, best = tabulated(folder, "--l2=0 1\n", num_runs=1)
    assert rows[1] == ["0", "0.5000", "–", "1", "4.0", "2.0", "–", "done"]
    assert best.splitlines()[:3] == [
        "# Search p: downup: best of 2 trials, mean CCC 0.5000 of 1 run on dev",
        "# 1 other trials have the same figure: the first one of the plan is taken",
        "# runner-up: mean CCC 0.5000 of 1 run with --l2=1",
    ]


def test_a_trial_with_a_failed_or_diverged_run_cannot_win(trials):
    folder = trials([(f"width={n}", f"--width={n}") for n in (2, 4, 8)])
    for number in (1, 2):
        trials.run("width=2", number, good(0.1))
    trials.run("width=4", 1, good(0.9))
    trials.run("width=4", 2, {"diverged": True})
    trials.run("width=8", 1, good(0.8), stamped=False)  # killed before it was finished
    trials.run("width=8", 2, None, "begun\nno memory\n")
    rows, best = tabulated(
        folder, "--width=2 4 8\n", status="2 trainings failed, the reasons are in their log/; run it"
    )
    assert [row[0] for row in rows[1:]] == [
        "2",
        "4",
        "8",
    ] and "--width=2  # edge of the plan: extend it (2 4 8)" in best
    assert rows[2][1:] == ["0.9000", "–", "1", "4.0", "2.0", "–", "1 x diverged"]
    assert rows[3][1:] == ["–", "–", "0", "–", "–", "–", "1 x failed: not started; 1 x failed: no memory"]
    assert "runner-up" not in best


def test_a_run_that_was_not_trained_again_is_no_result(trials):
    folder = trials([("width=16", "--width=16"), ("width=32", "--width=32")])
    for name in ("width=16", "width=32"):
        trials.run(name, 1, good(0.5))
    rows, best = tabulated(folder, "--width=16 32\n", "1 trainings failed", 1, [folder / "width=16" / ".done.run1"])
    assert [row[0] for row in rows[1:]] == ["32", "16"] and "--width=32" in best
    assert rows[2][1] == "–" and rows[2][-1].startswith("1 x failed: the run here is an earlier one")
    labels = folder / "arousal.scp"
    labels.write_text("")
    Stamp(folder / "width=32" / ".done.run1").commit([], take([labels]))
    tabulated(folder, "--width=16 32\n", num_runs=1)
    assert sections.is_current(folder, "90-search")
    labels.write_text("P1 other.ark:3\n")
    assert not sections.is_current(folder, "90-search")


def test_without_a_complete_trial_there_is_no_winner(trials):
    folder = trials([("width=2", "--width=2")])
    (folder / "best.conf").write_text("of an earlier call\n")
    for number in (1, 2):
        trials.run("width=2", number, {"diverged": True})
    rows, best = tabulated(folder, "--width=2 4\n")
    assert best is None and rows[1][1:] == ["–", "–", "0", "–", "–", "–", "2 x diverged"]
    assert "No trial has all its runs: there is no winner." in (folder / "sections" / "90-search.md").read_text()


@pytest.mark.parametrize(
    "text, message",
    [
        ("a --x=1\nb\n", "trials:2: found 'b', expected a trial and its --name=value"),
        ("a --x=1 y\n", "trials:1: found"),
        ("a --x=\n", "trials:1: found"),
        ("", "trials: is empty, expected a trial a line"),
    ],
)
def test_a_wrong_list_of_trials_is_named(tmp_path, text, message):
    (tmp_path / "trials").write_text(text)
    with pytest.raises(BadInput, match=message):
        search_table.read_trials(tmp_path / "trials")


def test_the_trials_are_read(tmp_path):
    (tmp_path / "trials").write_text("a --x=1 --y=a=b\nb --x=2\n")
    assert search_table.read_trials(tmp_path / "trials") == {"a": {"x": "1", "y": "a=b"}, "b": {"x": "2"}}


@pytest.mark.parametrize(
    "value, values, at_edge",
    [("3", "1 2 3", True), ("2", "1 2 3", False), ("1", "1 2 3", False), ("0", "0 0.1", False), ("0.1", "0.1 1", True),
     ("1", "1 2", False), ("1.0", "1.0 2", True), ("2", "1 2", True), ("-1", "-1 0", True), ("1", "0 1", True),
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

"""The rules of the house: what may stand where, who may know what, and who may import whom."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from cer.base.options import Parser
from cer.bin import train
from cer.features.fbank import Features as Fbank
from cer.models import architectures

FILES = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    ).stdout.split()
    if (ROOT / name).is_file()
]
PYTHON = [path for path in FILES if path.suffix == ".py"]
SHELL = [path for path in FILES if path.suffix == ".sh" or path.name == "run"]

# Each room of the package may import the rooms before it, but for these pairs: CONTRIBUTING.md draws it.
ROOMS = "base sound data features scoring corpora models system training prediction export bin".split()
STRANGERS = {("prediction", "training"), ("export", "training"), ("scoring", "features"), ("models", "scoring")}
STRANGERS |= {("corpora", "features"), *((room, "corpora") for room in ROOMS[ROOMS.index("models") :])}


def named(paths, *folders):
    return [
        pytest.param(path, id=str(path.relative_to(ROOT)))
        for path in paths
        if path.relative_to(ROOT).parts[0] in folders
    ]


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_else_stands_at_the_top():
    top = {path.relative_to(ROOT).parts[0] for path in FILES}
    agreed = "egs local steps utils conf cer tests run.sh cmd.sh path.sh README.md pyproject.toml LICENSE SECURITY.md"
    assert {name for name in top if not name.startswith(".")} - {"CONTRIBUTING.md", "CITATION.cff"} == {*agreed.split()}


def rooms_of(path):
    """The rooms that a file imports, and the modules of its own room, as names."""
    names = [name.split(".") for name in imports(path) if name.startswith("cer.")]
    own = path.relative_to(ROOT / "cer").parts[0]
    return {name[1] for name in names} - {own}, {name[2] for name in names if name[1] == own and len(name) > 2}


@pytest.mark.parametrize("path", [p for p in named(PYTHON, "cer") if p.values[0].parent.name != "cer"])
def test_imports_between_rooms_point_one_way(path):
    room = path.relative_to(ROOT / "cer").parts[0]
    for other in rooms_of(path)[0] - {"__version__"}:
        assert ROOMS.index(other) < ROOMS.index(room), f"{path} imports cer.{other}"
        assert (room, other) not in STRANGERS, f"{path} imports cer.{other}"


@pytest.mark.parametrize("path", named(PYTHON, "cer"))
def test_the_package_imports_nothing_of_the_recipe_around_it(path):
    assert not {name.split(".")[0] for name in imports(path)} & {"local", "egs", "steps", "utils", "tests"}


@pytest.mark.parametrize("room", ROOMS)
def test_no_two_files_of_a_room_import_each_other(room):
    files = {path.stem: path for path in (ROOT / "cer" / room).glob("*.py")}
    left = {name: rooms_of(path)[1] & files.keys() for name, path in files.items()}
    while ready := [name for name, needs in left.items() if not needs & left.keys()]:
        for name in ready:
            del left[name]
    assert not left


def test_the_house_has_these_rooms():
    assert {path.parent.name for path in (ROOT / "cer").glob("*/__init__.py")} == {*ROOMS}
    assert [path.name for path in (ROOT / "cer").glob("*.py")] == ["__init__.py"]


def test_one_module_alone_knows_kaldis_archives():
    users = [path.name for path in PYTHON if path.parts[-2] != "tests" and "kaldiio" in {*imports(path)}]
    assert users == ["archives.py"]


def test_one_module_alone_parses_csv_files():
    found = re.compile(r"csv\.(reader|DictReader)\(|loadtxt|genfromtxt")
    assert [path.name for path in PYTHON if path.parts[-2] != "tests" and found.search(path.read_text())] == ["csvs.py"]


@pytest.mark.parametrize("path", named(PYTHON, "utils"))
def test_utils_know_neither_speech_nor_emotion(path):
    known = sys.stdlib_module_names | {path.stem for path in (ROOT / "utils").rglob("*.py")} | {"launch", "datadir"}
    assert not [name for name in imports(path) if not name.startswith("cer.base.") and name.split(".")[0] not in known]


def test_what_utils_share_with_the_package_is_quick_to_import():
    names = {name for path in (ROOT / "utils").rglob("*.py") for name in imports(path) if name.startswith("cer.base.")}
    modules = sorted({".".join(name.split(".")[:3]) for name in names})
    code = f"import sys, {', '.join(modules)}; print({{'numpy', 'scipy', 'torch'}} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


@pytest.mark.parametrize("path", named(SHELL, "run.sh", "steps", "utils", "local", "egs", "cmd.sh", "path.sh"))
def test_no_hyper_parameter_is_named_in_shell(path):
    hyper = Parser("")
    hyper.add_keywords(Fbank)
    options = {*hyper.options()}
    for arch in architectures():
        options |= {*train.parser(arch).options()}
    options -= {"--help", "--config", "--arch", "--target", "--srand", "--check", "--use-gpu"}
    lines = path.read_text().splitlines()
    code = [line for line in lines if not re.match(r"\s*(#|e\.g\.:)", line) and '" ' not in line and "e.g." not in line]
    found = {word.partition("=")[0] for line in code for word in re.findall(r"--[a-z0-9-]+", line)} & options
    assert not found


@pytest.mark.parametrize("path", named(PYTHON, "local"))
def test_a_room_of_local_imports_what_all_rooms_share_and_no_other_room(path):
    room = path.relative_to(ROOT / "local").parts[0]
    assert {name.split(".")[1] for name in imports(path) if name.startswith("local.")} <= {room, "results"}


COMPUTING = {
    "benchmark",
    "search",
    "figure1_train.py",
    "figure4.py",
}  # they train, read a training's options, or spline


def test_what_takes_a_second_to_import_is_imported_where_it_is_needed():
    quick = [path.relative_to(ROOT) for path in PYTHON if path.relative_to(ROOT).parts[0] == "local"]
    names = [".".join(path.with_suffix("").parts) for path in quick if not {*path.parts} & COMPUTING]
    slow = "{'torch', 'scipy', 'matplotlib', 'sklearn'}"
    code = f"import sys, {', '.join(names)}; print({slow} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "set()\n", done.stderr


def test_what_few_jobs_need_is_not_imported_by_all():
    code = "import sys, cer.bin.compute_feats, cer.features.fbank, cer.prediction.postprocess; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert not {"torch", "scipy.signal", "scipy.ndimage", "scipy.stats"} & {*done.stdout.split()}, done.stderr
    assert "cer.prediction.postprocess" in done.stdout


def paths_in(tree):
    """The paths that a program builds, "{}" for what is a variable: by a / b, f"{a}/{b}", joinpath, or as it stands."""

    def parts(node):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            return [*parts(node.left), *parts(node.right)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and "join" in node.func.attr:
            return [*parts(node.func.value), *(part for argument in node.args for part in parts(argument))]
        if isinstance(node, ast.JoinedStr):
            return ["".join(one.value if isinstance(one, ast.Constant) else "{}" for one in node.values)]
        if isinstance(node, ast.Constant):
            return [node.value] if isinstance(node.value, str) else ["a number: "]
        return ["{}"]

    for node in ast.walk(tree):
        if isinstance(node, (ast.BinOp, ast.Call, ast.JoinedStr, ast.Constant)):
            path = "/".join(parts(node))
            if not re.search(r"\s", path):
                yield path


# Who knows how folders lie within folders, below one that the user names. Everybody else takes files and folders from
# these modules, or from the command line.
LAYOUTS = {
    "local/results/systems.py",  # EXP/<system>/<target>/predict_<set>
    "cer/bin/score.py",  # the same, for the names of system and set
    "local/results/sections.py",  # EXP/*/*/sections
    "local/search/table.py",  # DIR/<trial>/run<N>
    "local/leave_one_out/folds.py",  # DIR/<speaker>/<set>.list
    "local/leave_one_out/table.py",  # DIR/predict_all
    "cer/prediction/shards.py",  # OUT/<target>/<id>
}


def goes_through_folders(path):
    """Whether a path has two variable parts below its top, or searches two folders deep, or names predict_<set>."""
    parts = ["{}" if "{}" in part else part for part in path.split("/")]
    return "predict_" in path or "{}/{}/{}" in "/".join(parts) or sum("*" in part for part in parts[:-1]) > 1


@pytest.mark.parametrize("path", named(PYTHON, "cer", "local"))
def test_one_module_each_knows_how_folders_lie_within_folders(path):
    found = {*paths_in(ast.parse(path.read_text()))}
    assert not {one for one in found if re.match(r"(data|exp|egs)/", one)}
    knows = {one for one in found if goes_through_folders(one)}
    assert bool(knows) == (str(path.relative_to(ROOT)) in LAYOUTS), knows


@pytest.mark.parametrize(
    "code, knows",
    [
        ("exp / system / target", True),
        ('Path(exp) / r["system"] / f"{target}_x" / "command"', True),
        ("exp.joinpath(system, target)", True),
        ('f"{exp}/{system}/{target}"', True),
        ('exp.glob("*/*/score.json")', True),
        ('folder / f"predict_{name}"', True),
        ('data / "dev" / f"{target}.scp"', False),
        ("2 * a / b / 1e9", False),
    ],
)
def test_paths_are_found_however_they_are_built(code, knows):
    assert any(map(goes_through_folders, paths_in(ast.parse(code)))) == knows


SOURCED = "cmd.sh path.sh start.sh common.sh run_options.sh run_stages.sh targets.sh".split()
SOURCED += "parse_options.sh check_arguments.sh as_one.sh once.sh".split()  # of utils/
SCRIPTS = [path for path in SHELL if path.name not in SOURCED]


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in SCRIPTS])
def test_shell_scripts_can_be_run_and_explain_themselves(path):
    assert os.access(path, os.X_OK)
    assert path.read_text().startswith("#!/usr/bin/env bash\n# ")


@pytest.mark.parametrize("path", named(SCRIPTS, "run.sh", "steps", "utils", "local", "egs"))
def test_help_is_printed_with_an_example_and_all_options(path):
    text = path.read_text()
    run = subprocess.run([path, "--help"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0 and "e.g.:" in run.stdout and not run.stderr
    assert run.stdout.startswith("Usage: "), "nothing but help, no command line above it"
    section = text.partition("# Begin configuration section.\n")[2].partition("# End")[0]
    for line in filter(None, section.splitlines()):
        assert re.match(r"([a-z_0-9]+=.*| +)# \S", line), f"{path}: {line}: expected name=value  # what it is"
        assert line.partition(" # ")[2] in run.stdout
        assert line[0] == " " or f"  --{line.partition('=')[0].replace('_', '-')} " in run.stdout
    assert "Options:" not in text, "made from the configuration section"


@pytest.mark.parametrize("path", named(SCRIPTS, "steps"))
def test_a_wrong_call_of_a_step_is_told_how_to_call_it_on_stderr(path):
    run = subprocess.run([path], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 1 and "e.g.:" in run.stderr and "e.g.:" not in run.stdout


def test_run_sh_can_be_read_at_once():
    assert (ROOT / "run.sh").read_text().count("\n") <= 100


@pytest.mark.parametrize("arch", architectures())
def test_an_architecture_has_one_name(arch):
    assert (ROOT / "conf" / f"{arch}.conf").exists()


@pytest.mark.parametrize("path", named(PYTHON, "cer", "local", "egs", "utils"))
def test_files_and_functions_stay_short(path):
    text = path.read_text()
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef)]
    too_long = [f.name for f in functions if f.end_lineno - f.lineno >= 60]
    assert text.count("\n") <= 250 and not too_long


def test_a_function_that_raises_bad_input_says_so():
    silent = []
    for path in (one.values[0] for one in named(PYTHON, "cer")):
        tree = ast.parse(path.read_text())
        for home in [tree, *(one for one in tree.body if isinstance(one, ast.ClassDef))]:
            told = "" if home is tree else ast.get_docstring(home) or ""
            for one in home.body:
                if isinstance(one, ast.FunctionDef) and one.name[0] != "_" and one.name != "main":
                    raised = [ast.unparse(n) for n in ast.walk(one) if isinstance(n, ast.Raise)]
                    if any("BadInput" in text for text in raised) and "BadInput" not in told + ast.get_docstring(one):
                        silent.append(f"{path.relative_to(ROOT)}: {one.name}")
    assert not silent


def code_of(path):
    """How many lines of a file hold code: neither empty, nor comments, nor docstrings."""
    text, told = path.read_text(), set()
    if path.suffix == ".py":
        kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
        nodes = [one for one in ast.walk(ast.parse(text)) if isinstance(one, kinds) and ast.get_docstring(one)]
        told = {line for node in nodes for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)}
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and line.strip()[0] != "#" and number not in told for number, line in lines)


CORPORA = {path.parent.name for path in SHELL if path.name == "prepare.sh"} - {"synth"}  # which makes its corpus


@pytest.mark.parametrize("name", sorted(CORPORA))
def test_a_corpus_is_a_thin_folder(name):
    files = [path for path in PYTHON + SHELL if (ROOT / "egs" / name) in path.parents and not path.is_symlink()]
    assert sum(code_of(path) for path in files if path.name != "check_paper.py") <= 120


@pytest.mark.parametrize(
    "path", [pytest.param(p, id=str(p.relative_to(ROOT))) for p in FILES if p.suffix in (".md", ".py", ".sh")]
)
def test_no_path_of_one_machine_stands_in_a_file(path):
    assert str(Path(ROOT).parent) + "/" not in path.read_text()

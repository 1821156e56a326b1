"""Set-up: which Python the recipe takes, and what it says when it cannot. Nothing is installed here."""

import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT


@pytest.fixture
def project(tmp_path):
    """What set-up and path.sh need, in a folder of its own."""
    (tmp_path / "utils").mkdir()
    shutil.copy(ROOT / "utils" / "setup.sh", tmp_path / "utils")
    for name in ("pyproject.toml", "path.sh"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def python(path, says):
    """A stand-in for a Python: a script that runs the real one without site-packages, or just says something."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{says}\n")
    path.chmod(0o755)
    return path


def setup(project, *extras, **environment):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(project)} | environment
    run = subprocess.run(["utils/setup.sh", *extras], cwd=project, env=environment, capture_output=True, text=True)
    return run.returncode, run.stdout + run.stderr


def first_python(project):
    """The Python that path.sh puts first."""
    command = ". ./path.sh; . ./path.sh; python3 -c 'import sys; print(sys.executable)'"
    run = subprocess.run(["bash", "-c", command], cwd=project, capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_the_users_python_is_taken_and_remembered_for_jobs(project):
    status, text = setup(project, CER_PYTHON=sys.executable)
    assert (status, text) == (0, "")
    assert first_python(project) == sys.executable and not (project / ".venv").exists()
    assert setup(project, PYTHONHOME="/nowhere") == (0, "") and first_python(project) == sys.executable


def test_an_exported_cdpath_leads_nowhere_else(project):
    shutil.copy(ROOT / "utils" / "as_one.sh", project / "utils")
    (project / "elsewhere" / "utils").mkdir(parents=True)
    ways = f"{project}/elsewhere:{project.parent}"
    assert setup(project, CER_PYTHON=sys.executable, CDPATH=ways) == (0, "")
    name = project.name
    (project / "script").write_text(
        f'. "$(dirname "$0")/utils/as_one.sh"\n. {name}/path.sh\necho "$recipe $(cd {name} && pwd)"\n'
    )
    environment = {"PATH": "/usr/bin:/bin", "CDPATH": ways}
    for words in (["bash", f"{name}/script"], ["bash", "-c", f'. {name}/path.sh; echo "$recipe $recipe"']):
        done = subprocess.run(words, cwd=project.parent, env=environment, capture_output=True, text=True)
        assert (done.stdout, done.stderr) == (f"{project} {project}\n", "")


@pytest.mark.skipif(not shutil.which("dash"), reason="dash is not installed")
def test_sh_may_source_path_sh_in_the_recipe_and_is_told_so_elsewhere(tmp_path):
    for folder, said in (
        (ROOT, ""),
        (tmp_path, "path.sh: found a shell other than bash, expected bash, or the recipe"),
    ):
        words = ["dash", "-c", f". {ROOT}/path.sh; command -v run.py"]
        done = subprocess.run(words, cwd=folder, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
        assert done.stderr.startswith(said) and done.stdout == ("" if said else f"{ROOT}/utils/run.py\n")
        assert bool(done.stderr) == bool(said)


@pytest.mark.parametrize("settings", [
    ["PYTHONSAFEPATH=1", "PYTHONHOME=/nowhere", "PYTHONIOENCODING=ascii"], ["PYTHONOPTIMIZE=2", "PYTHONUTF8=0"],
])  # fmt: skip
def test_settings_with_which_programs_do_not_run_are_put_aside(settings, tmp_path):
    (tmp_path / "zoë.wav").touch()
    programs = ["run.py --help", "python3 -m cer.bin.compute_feats --help"]
    line = f". ./path.sh; {programs[0]} > /dev/null && {programs[1]} > /dev/null"
    words = ["env", *settings, "bash", "-c", f'{line} && python3 -m cer.bin.list_recordings "$0"']
    done = subprocess.run([*words, tmp_path], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"zoë {tmp_path}/zoë.wav\n", "")


def test_an_active_environment_that_has_the_packages_is_taken(project):
    prefix = project / "environment"
    python(prefix / "bin" / "python3", f'exec {sys.executable} "$@"')
    assert setup(project, VIRTUAL_ENV=str(prefix)) == (0, "")
    assert first_python(project) == sys.executable


def test_a_users_python_that_lacks_packages_is_an_error_that_names_them(project):
    bare = python(project / "bare", f'exec {sys.executable} -I -S "$@"')
    status, text = setup(project, CER_PYTHON=str(bare))
    assert status == 1 and "lacks packages" in text and "-m pip install" in text and "torch==" in text


def test_an_old_or_missing_python_is_an_error(project):
    status, text = setup(project, CER_PYTHON=str(project / "nowhere"))
    assert status == 1 and "cannot be used" in text
    for name in ("python3", "python3.13", "python3.12", "python3.11"):
        python(project / "bin" / name, "exit 1")
    status, text = setup(project, PATH=f"{project}/bin:/usr/bin:/bin")
    assert status == 1 and "found no Python 3.11 or newer" in text


def test_what_is_there_in_the_pinned_version_is_not_installed_again(project):
    stub = f'case "$*" in *"-m pip"*) echo "pip got $*"; exit 0 ;; esac; exec {sys.executable} "$@"'
    python(project / ".venv" / "bin" / "python3", stub)
    form = '[dependency-groups]\nrecipe = ["numpy=={}"]\ntest = ["no-such-package==1"]\n'
    (project / "pyproject.toml").write_text(form.format(np.__version__))
    assert setup(project) == (0, "")
    assert "no-such-package==1" in setup(project, "test")[1]
    (project / "pyproject.toml").write_text(form.format("1.0"))
    status, text = setup(project)
    assert status == 0 and re.search("\npip got -m pip install .* numpy==1.0\n", text)


@pytest.fixture
def installing(project):
    """A project without torch, whose pip and uv are stand-ins that say what they got and take a moment."""
    says = 'echo "{} got $*" >&2; sleep 0.5; exit 0'
    stub = f'case "$*" in *"-m pip"*) {says.format("pip")} ;; esac; exec {sys.executable} -I -S "$@"'
    python(project / ".venv" / "bin" / "python3", stub)
    python(project / "bin" / "uv", says.format("uv"))
    (project / "pyproject.toml").write_text('[dependency-groups]\nrecipe = ["torch==2.0", "numpy==1.0"]\n')
    script = project / "utils" / "setup.sh"
    assert script.read_text().count("-t 10 ") == 1
    script.write_text(script.read_text().replace("-t 10 ", "-t 0.1 "))
    return project


PIP, UV = "pip got -m pip install --disable-pip-version-check ", "uv got pip install --python .venv/bin/python3 "


def test_what_is_installed_is_said_with_its_size_and_again_while_it_goes_on(installing):
    status, text = setup(installing)
    assert status == 0 and "utils/setup.sh: installing into .venv, once: torch==2.0 numpy==1.0\n" in text
    assert f"{PIP}torch==2.0 numpy==1.0\n" in text and "--index" not in text
    assert (
        "torch==2.0 with CUDA: 3 GB to download, 4 to 5 GB on disk; to go without graphics cards: CER_TORCH=cpu" in text
    )
    assert re.search(r"\nutils/setup.sh: \d+ MB in .venv after \d+ s\n", text)
    assert re.search(r"\nutils/setup.sh: installed \d+ MB in \d+ s\n", text)
    assert not (installing / ".venv" / "tmp").exists()


def test_the_build_without_cuda_is_chosen_by_a_variable(installing):
    status, text = setup(installing, CER_TORCH="cpu")
    first, second = [line for line in text.splitlines() if line.startswith("pip got")]
    assert status == 0 and first == f"{PIP}--index-url https://download.pytorch.org/whl/cpu torch==2.0"
    assert second == f"{PIP}torch==2.0 numpy==1.0" and "with CUDA" not in text
    assert setup(installing, CER_TORCH="gpu") == (
        1,
        "utils/setup.sh: CER_TORCH: found 'gpu', expected cpu or nothing\n",
    )


def test_uv_installs_where_there_is_one(installing):
    status, text = setup(installing, PATH=f"{installing}/bin:/usr/bin:/bin")
    assert status == 0 and f"{UV}torch==2.0 numpy==1.0\n" in text and "pip got" not in text


def test_an_installation_that_fails_is_a_failure(installing):
    python(installing / "bin" / "uv", "echo no such package >&2; exit 2")
    status, text = setup(installing, PATH=f"{installing}/bin:/usr/bin:/bin")
    assert status == 2 and "no such package" in text and "installed" not in text


def test_the_python_of_an_earlier_call_is_kept(project):
    assert setup(project, CER_PYTHON=sys.executable) == setup(project) == (0, "")
    assert first_python(project) == sys.executable and not (project / ".venv").exists()
    away = python(project / "disk" / "python3", f'exec {sys.executable} "$@"')
    assert setup(project, CER_PYTHON=str(away)) == (0, "")
    away.rename(project / "unmounted")
    status, text = setup(project)
    assert status == 1 and f"the Python of an earlier call does not run: {away}; mend it, or to" in text
    (project / "unmounted").rename(away)
    assert setup(project) == (0, "") and not (project / ".venv").exists()


def test_what_a_linked_environment_points_to_is_never_emptied(project):
    python(project / "elsewhere" / "bin" / "python3", "exit 1")
    (project / ".venv").symlink_to("elsewhere")
    status, text = setup(project)
    assert status == 1 and "found .venv, a link to elsewhere, whose Python does not run" in text
    assert (project / "elsewhere" / "bin" / "python3").exists()

"""utils/parse_options.sh: the options of every script, under plain bash and under `set -euo pipefail`."""

import os
import pty
import subprocess
import termios

import pytest
from conftest import ROOT

SCRIPT = """
# Begin configuration section.
nj=4             # number of jobs, 100% of them, %s
cmd=run.py       # where jobs run, e.g. "slurm.pl --mem 4G"; what one line does not hold
                 # goes on in the next
use_gpu=false    # train on a card
empty=           # nothing (default: none)
# End configuration section.
help_message="Usage: $0 [options] <dir>
e.g.: $0 --cmd \\"slurm.pl --mem 4G\\" exp"
. utils/parse_options.sh
status=$?
printf '%s|' "nj=$nj" "cmd=$cmd" "use_gpu=$use_gpu" "empty=$empty" "status=$status" "$#" "$@"
"""


@pytest.fixture(params=["", "set -euo pipefail"], ids=["plain", "strict"])
def run(request, tmp_path):
    """A script with options: call it with words, and get what it did."""

    def call(*words, script=SCRIPT):
        path = tmp_path / "script.sh"
        path.write_text(f"{request.param}\n{script}")
        return subprocess.run(["bash", path, *words], cwd=ROOT, capture_output=True, text=True, timeout=60)

    return call


def parsed(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.rstrip("|").split("|")


def refused(done):
    assert done.returncode == 1 and done.stdout == ""
    return done.stderr


def test_options_set_variables_and_the_rest_stays(run):
    words = ["--nj", "8", "--use-gpu", "true", "--empty", "x", "exp", "--nj", "9"]
    assert parsed(run(*words)) == ["nj=8", "cmd=run.py", "use_gpu=true", "empty=x", "status=0", "3", "exp", "--nj", "9"]


def test_without_options_all_keeps_its_default(run):
    assert parsed(run()) == ["nj=4", "cmd=run.py", "use_gpu=false", "empty=", "status=0", "0"]


def test_dashes_are_underscores_and_a_value_is_taken_as_it_is(run):
    assert parsed(run("--use_gpu", "true", "--empty", "--x='$HOME `id`'"))[2:4] == [
        "use_gpu=true",
        "empty=--x='$HOME `id`'",
    ]


def test_no_command_takes_a_folders_name_for_an_option(run):
    assert parsed(run("--nj", "8", "-delete", "-x/a b", "-", "--nj"))[5:] == ["4", "./-delete", "./-x/a b", "-", "--nj"]


def test_parsing_ends_at_an_empty_argument(run):
    assert parsed(run("", "--nj", "8"))[0] == "nj=4"


@pytest.mark.parametrize(
    "words, message",
    [
        (
            ["--nij", "8"],
            "found --nij, which is no option of this script;"
            " expected one of: --nj --cmd --use-gpu --empty --config --help",
        ),
        (["--PATH", "x"], "found --PATH, which is no option"),
        (["--HOME", "x"], "found --HOME, which is no option"),
        (["--Nj", "8"], "found --Nj, which is no option"),
        (["--_po_i", "8"], "found --_po_i, which is no option"),
        (["--nj; exit 7", "8"], "which is no option"),
        (["--", "exp"], "found --, which is no option"),
        (["--nj=8"], "found '--nj=8', expected '--nj 8'"),
        (["--use-gpu", "yes"], "found --use-gpu 'yes', expected true or false"),
        (["--cmd", ""], "empty argument to --cmd option"),
        (["--nj", "8", "--cmd"], "found --cmd as the last word, expected a value"),
        (["--config"], "found --config as the last word, expected a value"),
        (["--config", "none.conf", "exp"], "cannot read 'none.conf'"),
    ],
)
def test_what_is_wrong_is_said_on_stderr_at_once(run, words, message):
    assert message in refused(run(*words))


def test_a_config_beats_defaults_and_loses_to_the_command_line_wherever_it_stands(run, tmp_path):
    (tmp_path / "a.conf").write_text("nj=6\ncmd='queue.pl -q all'\n")
    (tmp_path / "b.conf").write_text("cmd=later\n")
    one = ["--config", f"{tmp_path}/a.conf"]
    assert parsed(run(*one, "exp"))[:2] == ["nj=6", "cmd=queue.pl -q all"]
    assert parsed(run("--nj", "8", *one))[:2] == ["nj=8", "cmd=queue.pl -q all"]
    assert parsed(run(*one, "--config", f"{tmp_path}/b.conf"))[:2] == ["nj=6", "cmd=later"]


@pytest.mark.parametrize(
    "line, message",
    [
        ("use_gpu=yes", "found --use-gpu 'yes', expected true or false"),
        ("use_gpu=", "found --use-gpu '', expected true or false"),
        ("nj=x", "found --nj 'x', expected a whole number"),
        ("nj = 9", "conf:2: found 'nj = 9', expected name=value without blanks around the ="),
        ("  nj= 9 # jobs", "conf:2: found '  nj= 9 # jobs', expected name=value without"),
    ],
)
def test_a_config_is_refused_that_sets_what_is_no_value_or_nothing(run, tmp_path, line, message):
    (tmp_path / "conf").write_text(f"empty=1\n{line}\n")
    assert message in refused(run("--config", tmp_path / "conf", "dir"))


def test_a_config_may_hold_blanks_where_a_shell_allows_them(run, tmp_path):
    (tmp_path / "conf").write_text("nj=7   # = 7\n  empty=  # = nothing\nif [ $nj = 7 ]; then\n  cmd='a = b'\nfi\n")
    assert parsed(run("--config", tmp_path / "conf", "dir"))[:2] == ["nj=7", "cmd=a = b"]


def test_a_config_without_a_folder_is_sought_here_and_not_in_path(run, tmp_path):
    (tmp_path / "ls").write_text("nj=6\n")
    assert (
        parsed(
            run("--config", "ls", script=f"parser=$PWD\ncd {tmp_path}\n" + SCRIPT.replace(". utils", ". $parser/utils"))
        )[0]
        == "nj=6"
    )


HELP = """\
e.g.: script.sh --cmd "slurm.pl --mem 4G" exp
Options:
  --nj                    number of jobs, 100% of them, %s (default: 4)
  --cmd                   where jobs run, e.g. "slurm.pl --mem 4G"; what one line does not hold
                          goes on in the next (default: run.py)
  --use-gpu true|false    train on a card (default: false)
  --empty                 nothing (default: none)
  --config FILE           a shell file that sets any of these, one name=value per line
"""


@pytest.mark.parametrize("word", ["--help", "-h"])
def test_help_goes_to_stdout_with_the_options_and_the_defaults_as_they_are_declared(run, word):
    done = run("--nj", "8", word)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.partition("\n")[2].replace(done.args[1].as_posix(), "script.sh") == HELP


NARROW = """
  --nj                    number of jobs, 100%
                          of them, %s (default:
                          4)
  --cmd                   where jobs run, e.g.
                          "slurm.pl --mem 4G";
                          what one line does not
                          hold goes on in the
                          next (default: run.py)
  --use-gpu true|false    train on a card
                          (default: false)
  --empty                 nothing (default:
                          none)
  --config FILE           a shell file that sets
                          any of these, one
                          name=value per line
"""


def test_help_on_a_narrow_terminal_breaks_its_lines_at_blanks(run):
    script = run("--help").args[1]
    terminal, end = pty.openpty()
    termios.tcsetwinsize(end, (24, 48))
    subprocess.run(["bash", script, "--help"], cwd=ROOT, stdout=end, check=True, timeout=60)
    os.close(end)
    shown = os.read(terminal, 9999).decode().replace("\r\n", "\n")
    os.close(terminal)
    assert shown.partition("Options:")[2] == NARROW


PARAGRAPH = """\
<a> is a file; a folder; a list of paths; or a table with the column path and perhaps a column id. Relative paths begin
at the current folder.
Writes <b>.
"""


def test_help_on_a_narrow_terminal_has_paragraphs_whose_lines_are_full(run, tmp_path):
    terminal, end = pty.openpty()
    termios.tcsetwinsize(end, (24, 80))
    (tmp_path / "x.sh").write_text(f'help_message="Usage: $0 <a> <b>\n{PARAGRAPH}"\n. {ROOT}/utils/parse_options.sh\n')
    subprocess.run(["bash", tmp_path / "x.sh", "--help"], stdout=end, check=True, timeout=60)
    os.close(end)
    shown = os.read(terminal, 9999).decode().replace("\r\n", "\n")
    os.close(terminal)
    assert shown.rstrip().splitlines()[-3:] == [
        "<a> is a file; a folder; a list of paths; or a table with the column path and",
        "perhaps a column id. Relative paths begin at the current folder.",
        "Writes <b>.",
    ]


def test_help_is_that_of_the_text_that_runs_wherever_the_script_goes(run):
    start = f". {ROOT}/utils/as_one.sh\ncd /\n"
    done = run("--help", script=start + SCRIPT.replace(". utils", f". {ROOT}/utils"))
    assert done.returncode == 0 and done.stdout.endswith(HELP.partition("Options")[2])


def test_a_variable_outside_the_section_is_an_option_that_the_help_does_not_show(run):
    script = SCRIPT.replace("# End configuration section.\n", "# End configuration section.\nhidden=1\n")
    assert "hidden" not in run("--help", script=script).stdout
    assert parsed(run("--hidden", "2", script=script.replace('"nj=$nj"', '"$hidden"')))[0] == "2"


def test_help_without_a_help_message(run):
    done = run("--help", script=". utils/parse_options.sh\n")
    assert done.returncode == 0 and "has no help" in done.stdout


def test_nothing_of_the_parser_stays_behind(run):
    script = "before=$(compgen -v; compgen -A function)\nafter=\n. utils/parse_options.sh\n"
    script += (
        "after=$(compgen -v; compgen -A function)\ndiff <(sort <<< $before) <(sort <<< $after) | grep _po_ || true\n"
    )
    assert run(script=script).stdout == ""


@pytest.mark.parametrize(
    "usage, words, message",
    [
        ("[options] <a-dir> <b>", "", "found no argument, missing: <a-dir> <b>"),
        ("[options] <a-dir> <b>", "--nj 8 x", "found the argument x, missing: <b>"),
        ("[options] <a-dir> <b>", "x y z", "found 'z', expected nothing after <a-dir> <b>"),
        ("<a> [<b> [<c>]]", "", "found no argument, missing: <a>"),
        ("<a> [<b> [<c>]]", "1 2 3 4", "found '4', expected nothing after <a> <b> <c>"),
        ("<a> <b> [<b> ...] <c>", "1 2", "found the arguments 1 2, missing: <c>"),
        ("[options]", "x", "found 'x', expected nothing after the options"),
    ],
)
def test_what_is_missing_or_too_much_is_named_after_the_usage(run, usage, words, message):
    script = f'nj=1\nhelp_message="Usage: $0 {usage}"\n. utils/parse_options.sh\n. utils/check_arguments.sh\n'
    usage_line, last = refused(run(*words.split(), script=script)).splitlines()
    assert usage_line.endswith(usage) and last.endswith(f"script.sh: {message}")


@pytest.mark.parametrize("words", ["x --nj 8", "x y --nj", "--nj 8 x --nj=8", "x --help", "x --"])
def test_no_option_after_the_arguments_is_taken_for_one_of_them(run, words):
    script = 'nj=1\nhelp_message="Usage: $0 <a> [<b> [<c>]]"\n. utils/parse_options.sh\n. utils/check_arguments.sh\n'
    option = next(word for word in words.removeprefix("--nj 8 ").split() if word.startswith("--"))
    message = f"script.sh: found {option} after the argument x, expected all options before the arguments\n"
    assert refused(run(*words.split(), script=script)).endswith(message)


@pytest.mark.parametrize("words", ["1", "1 2", "1 2 3 4 5"])
def test_as_many_arguments_as_the_usage_allows_are_fine_and_nothing_stays_behind(run, words):
    script = 'help_message="Usage: $0 <a> [<b> ...]"\n. utils/parse_options.sh\n. utils/check_arguments.sh\n'
    done = run(*words.split(), script=script + 'echo "$*"; compgen -v | grep _ca_ || true\n')
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{words}\n", "")


def test_what_a_user_exports_to_his_shells_does_not_keep_a_script_from_writing_and_finding_files(run, monkeypatch):
    monkeypatch.setenv("SHELLOPTS", "noclobber:noglob")
    assert not {"C", "f"} & {*run(script=f"{SCRIPT}echo $-").stdout.rpartition("|")[2]}

import pytest

from cer.base.errors import BadInput
from cer.base.options import Parser, read_config
from cer.bin import train
from cer.features.fbank import Features as Fbank
from cer.models import architectures


def work(*, width: int = 32, rate: float = 0.5, slow: bool = False, kind: str = "relu"):
    """Do something.

    width: filters in
        each layer
    rate: step size
    slow: take time
    kind: which
    """


@pytest.fixture
def parser():
    parser = Parser("a program")
    parser.add_keywords(work)
    return parser


def parse(parser, *argv):
    return parser.keywords(parser.parse(argv), work)


def test_options_are_the_typed_keywords_of_the_code(parser):
    assert parse(parser) == {"width": 32, "rate": 0.5, "slow": False, "kind": "relu"}
    assert parse(parser, "--width=4", "--rate", "1e-3", "--slow=true") == {
        "width": 4, "rate": 0.001, "slow": True, "kind": "relu",
    }  # fmt: skip
    assert "filters in each layer (default: 32)" in parser.format_help()


def test_the_command_line_beats_later_configurations_which_beat_earlier_ones(parser, tmp_path):
    (tmp_path / "a.conf").write_text("# a comment\n--width=4  # why\n\n--rate=2\n--kind=tanh\n")
    (tmp_path / "b.conf").write_text("--width=8\n--rate=3\n")
    values = parse(parser, "--rate=4", f"--config={tmp_path}/a.conf", f"--config={tmp_path}/b.conf")
    assert values == {"width": 8, "rate": 4.0, "slow": False, "kind": "tanh"}


@pytest.mark.parametrize(
    "argv, message",
    [
        (["--widht=4"], "unrecognized arguments: --widht=4"),
        (["--wid=4"], "unrecognized arguments"),
        (["--width=many"], "found 'many', expected a whole number"),
        (["--slow=yes"], "found 'yes', expected true or false"),
    ],
)
def test_an_unknown_or_ill_typed_option_stops_the_program(parser, capsys, argv, message):
    with pytest.raises(SystemExit, match="2"):
        parse(parser, *argv)
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "line, message",
    [
        ("--widht=4", "unknown option --widht; known are"),
        ("--width=x", "argument --width: found 'x', expected a whole number"),
    ],
)
def test_a_bad_line_of_a_configuration_is_named(parser, tmp_path, capsys, line, message):
    (tmp_path / "a.conf").write_text(f"# first\n{line}\n")
    with pytest.raises(SystemExit, match="2"):
        parse(parser, f"--config={tmp_path}/a.conf")
    assert f"a.conf:2: {message}" in capsys.readouterr().err


def test_a_line_that_is_no_option_or_a_missing_file_is_an_error(tmp_path):
    (tmp_path / "a.conf").write_text("width 4\n")
    with pytest.raises(BadInput, match="a.conf:1: found 'width 4', expected --name=value"):
        read_config(tmp_path / "a.conf")
    with pytest.raises(BadInput, match=r"none.conf: cannot be read"):
        read_config(tmp_path / "none.conf")


@pytest.mark.parametrize("arch", architectures())
def test_every_option_of_every_program_is_explained(arch):
    train.parser(arch).format_help()  # an option that its docstring does not explain raises TypeError
    Parser("features").add_keywords(Fbank)


def test_help_says_which_options_take_seconds():
    assert "--window ROWS or 8s" in train.parser("linear_statistics").format_help()


def test_a_text_may_be_empty_and_an_argument_may_not(parser, capsys):
    parser.add_argument("data")
    assert parse(parser, "--kind=", "d")["kind"] == ""
    with pytest.raises(SystemExit, match="2"):
        parse(parser, "")
    assert "argument data: found '', expected something" in capsys.readouterr().err


def test_an_unknown_line_of_a_configuration_is_answered_with_the_known_ones(parser, tmp_path, capsys):
    for line in ("--widht=3", "--config=b.conf"):
        (tmp_path / "a.conf").write_text(f"{line}\n")
        with pytest.raises(SystemExit, match="2"):
            parse(parser, f"--config={tmp_path}/a.conf")
    assert "known are --kind --rate --slow --width\n" in capsys.readouterr().err

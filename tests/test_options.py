import pytest

from cer.base.errors import BadInput
from cer.base.options import Parser, defaults, peek, read_config, show
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
        (["--conf=none.conf"], "unrecognized arguments: --conf=none.conf"),
        (["--width=many"], "found 'many', expected a whole number"),
        (["--slow=yes"], "found 'yes', expected true or false"),
        (["--width=--"], "argument --width: found '--', expected a value"),
        (["--config=--"], "argument --config: found '--', expected a value"),
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
    for line in ("width 4", "--width=--"):
        (tmp_path / "a.conf").write_text(f"{line}\n")
        with pytest.raises(BadInput, match=f"a.conf:1: found '{line}', expected --name=value"):
            read_config(tmp_path / "a.conf")
    with pytest.raises(BadInput, match=r"none.conf: cannot be read"):
        read_config(tmp_path / "none.conf")


def test_an_option_stands_once_in_a_configuration(tmp_path):
    (tmp_path / "a.conf").write_text("--width=4\n\n--rate=2\n--width=5\n")
    with pytest.raises(BadInput, match="a.conf:4: --width stands here for the second time, after line 1"):
        read_config(tmp_path / "a.conf")
    (tmp_path / "a.conf").write_text("# why\n--width=4\n--kind=a=b  # c\n")
    assert read_config(tmp_path / "a.conf") == [(2, "--width=4"), (3, "--kind=a=b")]


def test_help_is_the_programs_own(parser, capsys):
    with pytest.raises(SystemExit, match="0"):
        parse(parser, "--help")
    text = capsys.readouterr().out
    assert "a program" in text and "--width COUNT" not in text and "--width INT" in text


def test_help_shows_config_where_it_can_set_something_and_no_empty_default(parser, tmp_path, capsys):
    assert "--config FILE" in parser.format_help() and "--config" not in Parser("x").format_help()
    (tmp_path / "a.conf").write_text("--width=3\n")
    with pytest.raises(SystemExit, match="2"):
        Parser("x").parse([f"--config={tmp_path}/a.conf"])
    assert "a.conf:1: unknown option --width; known are none; see --help" in capsys.readouterr().err

    def named(*, name: str = ""):
        """name: what it is called; empty: nothing."""

    parser.add_keywords(named)
    assert "what it is called; empty: nothing" in parser.format_help() and "(default: )" not in parser.format_help()


def more(*, depth: int = 1):
    """Do more.

    depth: of it
    """


def test_help_has_one_paragraph_for_the_options_of_a_module(parser):
    parser.add_keywords(more)
    text = parser.format_help()
    assert text.count("options of test_options:") == 1 and "--width" in text and "--depth" in text


def test_a_look_ahead_takes_one_option_and_leaves_the_rest():
    assert peek(["x", "--help", "--rate=2", "--width", "3"], "width") == "3"
    assert peek(["--wid=3"], "width") is None and peek([], "width", "7") == "7"


def test_one_option_alone_is_read_as_its_kind(parser):
    assert parser.parse_one("--width=4") == 4 and parser.parse_one("--kind=a b=c") == "a b=c"
    with pytest.raises(ValueError, match="argument --width: found 'x', expected a whole number"):
        parser.parse_one("--width=x")
    assert parser.options() == ["--config", "--help", "--kind", "--rate", "--slow", "--width"]


def test_defaults_are_those_of_keywords_alone():
    def function(data, size=3, *, width: int = 32, slow: bool = False):
        pass

    assert defaults(function) == {"width": 32, "slow": False} and defaults(work)["kind"] == "relu"
    assert [show(value) for value in (True, False, 0.5, 1, "Relu")] == ["true", "false", "0.5", "1", "Relu"]


def test_an_option_without_a_type_a_default_or_a_word_on_it_is_the_programmers_fault(parser):
    def untyped(*, width=3): ...
    def needed(*, width: int): ...
    def unexplained(*, width: int = 3): ...

    for function in (untyped, needed):
        with pytest.raises(TypeError, match="the option width needs a type and a default"):
            parser.add_keywords(function)
    with pytest.raises(TypeError, match="its docstring does not say what the option width is"):
        Parser("x").add_keywords(unexplained)


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


@pytest.mark.parametrize("words", ["a b --width=4", "a --width 4 b", "--width=4 -- a b"])
def test_an_option_may_stand_between_arguments(parser, words):
    parser.add_argument("paths", nargs="+")
    values = parser.parse(words.split())
    assert (values.paths, values.width) == (["a", "b"], 4)
    assert parser.parse(["--", "--a", "-b"]).paths == ["--a", "-b"]


def test_an_unknown_line_of_a_configuration_is_answered_with_the_known_ones(parser, tmp_path, capsys):
    for line in ("--widht=3", "--config=b.conf"):
        (tmp_path / "a.conf").write_text(f"{line}\n")
        with pytest.raises(SystemExit, match="2"):
            parse(parser, f"--config={tmp_path}/a.conf")
    assert "known are --kind --rate --slow --width; see --help\n" in capsys.readouterr().err


def test_a_wrong_option_is_one_line(parser, capsys):
    for word, said in (
        ("--width=three", "--width: found 'three'"),
        ("--zzz=3", "unrecognized arguments: --zzz=3; see"),
        ("--widht=3", "unrecognized arguments: --widht=3 (did you mean --width?)"),
    ):
        with pytest.raises(SystemExit) as end:
            parser.parse([word])
        [line] = capsys.readouterr().err.splitlines()
        assert end.value.code == 2 and said in line and line.endswith("; see --help")

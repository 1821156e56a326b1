"""local/results/style.py: figures fit a column of the paper and can be read there, also in print without colours."""

import pytest

from cer.models import architectures
from local.results import style


def test_lines_differ_in_colour_stroke_and_marker():
    assert len(style.STYLES) == 6
    for name in ("color", "linestyle", "marker"):
        assert len({str(one[name]) for one in style.STYLES}) == 6


def test_a_system_has_one_colour_wherever_it_is_drawn():
    colours = [style.look(arch)[0] for arch in architectures()]
    assert len({*colours}) == len(colours) == len(style.COLOURS)
    for variant in ("dilated_delay", "dilated_chain", "dilated_hubert"):
        colour, stroke = style.look(variant)
        assert colour == style.look("dilated")[0] and stroke != style.look("dilated")[1] and stroke < len(style.LINES)
    assert style.look("dilated")[1] not in {style.look(f"dilated_{n}")[1] for n in range(99)}
    assert style.look("linear_statistics_delay")[0] == style.look("linear_statistics")[0]
    assert style.look("mine") == style.look("mine") and style.look("mine") != style.look("other")
    assert style.look("dilatedness")[0] in style.COLOURS


def test_figures_need_no_display_whatever_a_users_settings_say():
    import matplotlib

    matplotlib.use("svg")
    style.pyplot()
    assert matplotlib.get_backend().lower() == "agg"


def test_dollars_in_names_begin_no_formula(tmp_path):
    figure, axes = style.pyplot().subplots()
    for number, name in enumerate((r"a $\foo$ b", "x^{_$}$", r"back\$", "cost$1$")):
        assert not axes.text(0, number, name).get_parse_math()
    style.save(figure, tmp_path / "x", kinds=["png"])
    style.pyplot().close(figure)


def test_axes_have_a_grid_and_rows_below_seconds(tmp_path):
    figure, axes = style.pyplot().subplots()
    style.tidy(axes)
    style.rows_and_seconds(axes, [2, 8, 64], 0.04, "rows", "seconds")
    style.save(figure, tmp_path / "x", kinds=["png"])
    assert [path.name for path in tmp_path.iterdir()] == ["x.png"]
    assert (tmp_path / "x.png").read_bytes()[16:24] == bytes([0, 0, 7, 128, 0, 0, 5, 160])  # 6.4 x 4.8 in of 300 dots
    [seconds] = axes.child_axes
    for one, label, ticks in ((axes, "rows", ["2", "8", "64"]), (seconds, "seconds", ["0.08", "0.32", "2.56"])):
        assert one.get_xlabel() == label and [tick.get_text() for tick in one.get_xticklabels()] == ticks
        assert one.xaxis.get_minorticklocs().size == 0
    shown = {name: spine.get_visible() for name, spine in axes.spines.items()}
    assert shown == {"left": True, "bottom": True, "top": False, "right": False}
    assert not seconds.spines["top"].get_visible() and axes.xaxis.get_gridlines()[0].get_visible()
    assert axes.get_xscale() == "log" and axes.xaxis.get_transform().base == 2
    style.pyplot().close(figure)


def test_figures_fit_a_column_of_the_papers_80_mm():
    assert pytest.approx(80, abs=0.1) == style.COLUMN * 25.4


def test_letters_are_readable_in_a_column_and_all_of_one_size():
    letters = ("font.size", "titlesize", "labelsize", "fontsize")
    sizes = [size for name, size in style.LETTERS.items() if name.endswith(letters)]
    assert len(sizes) == 7 and min(sizes) >= 6 and max(sizes) < 7  # points


def test_lines_are_printed_and_none_is_heavier_than_the_curves():
    widths = {name: width for name, width in style.LETTERS.items() if name.endswith("width")}
    assert len(widths) == 5 and min(widths.values()) >= 0.5 and max(widths.values()) == widths["lines.linewidth"] == 1
    marks = [size for name, size in style.LETTERS.items() if name.endswith(("markersize", "major.size"))]
    assert len(marks) == 3 and max(marks) <= 3  # points, half a letter: marks hide no curve


def test_curves_that_are_no_systems_are_black_and_greys_that_differ():
    inks = [style.ink(n) for n in range(6)]
    assert inks[0]["color"] == "0" and style.ink(6) == inks[0] and style.ink(11) == inks[5]
    assert len({float(one["color"]) for one in inks}) == 6 and all(0 <= float(one["color"]) <= 0.75 for one in inks)
    assert [one["linestyle"] for one in inks] == style.LINES and [one["marker"] for one in inks] == style.MARKERS


def test_dashes_stand_out_from_their_gaps_and_dots():
    for offset, (dash, *others) in style.LINES[4:]:
        assert offset == 0 and len(others) % 2 and len({*others}) == 1 and dash >= 4 * others[0]


def test_a_figure_is_the_same_bytes_whenever_it_is_made_and_names_no_version(tmp_path):
    for name in ("one", "two"):
        figure, axes = style.pyplot().subplots()
        axes.plot([0, 1])
        style.save(figure, tmp_path / name)
        style.pyplot().close(figure)
    for kind in ("png", "pdf"):
        one, two = ((tmp_path / f"{name}.{kind}").read_bytes() for name in ("one", "two"))
        assert one == two and b"CreationDate" not in one and b"Software" not in one

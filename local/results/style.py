"""How the pictures look, and how they are saved."""

from cer.base.files import replacing

# Okabe and Ito's colours, told apart by colour-blind readers; line styles and markers tell them apart in print.
COLOURS = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
LINES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2))]
MARKERS = ["o", "s", "^", "D", "v", "P"]
STYLES = [
    {"color": colour, "linestyle": line, "marker": marker}
    for colour, line, marker in zip(COLOURS, LINES, MARKERS, strict=True)
]


def pyplot():
    """matplotlib.pyplot, for files; imported only here, because it takes a second."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def tidy(axes):
    """A light grid, and no frame above and to the right."""
    axes.grid(color="0.9")
    axes.spines[["top", "right"]].set_visible(False)


def rows_and_seconds(axes, rows, shift, below, above):
    """A logarithmic axis of numbers of rows, with their seconds on top.

    rows: where the ticks are; shift: seconds a row; below, above: what the two axes are called.
    """
    axes.set_xscale("log", base=2)
    axes.set_xticks(rows, [str(number) for number in rows])
    axes.set_xlabel(below)
    seconds = axes.secondary_xaxis("top")
    seconds.set_xticks(rows, [f"{number * shift:.3g}" for number in rows])
    seconds.set_xlabel(above)
    seconds.spines["top"].set_visible(False)
    for each in (axes, seconds):
        each.minorticks_off()


METADATA = {"png": {"Software": None}, "pdf": {"CreationDate": None}}  # without what changes


def save(figure, stem, kinds=("png", "pdf")):
    """Write stem.png and stem.pdf, whole or not at all, with the same bytes for the same picture."""
    for kind in kinds:
        with replacing(f"{stem}.{kind}", "wb") as file:
            figure.savefig(file, format=kind, dpi=150, metadata=METADATA[kind])

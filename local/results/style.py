"""Style and saving of matplotlib figures."""

from cer.base.files import replacing

# Okabe and Ito's colours, which colour-blind readers can distinguish; line styles and markers are for print.
COLOURS = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
LINES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2))]
MARKERS = ["o", "s", "^", "D", "v", "P"]
STYLES = [
    {"color": colour, "linestyle": line, "marker": marker}
    for colour, line, marker in zip(COLOURS, LINES, MARKERS, strict=True)
]


def pyplot():
    """Return matplotlib.pyplot, for output to files; imported only here, because the import takes a second."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot


def tidy(axes):
    """Add a light grid, and remove the top and right borders."""
    axes.grid(color="0.9")
    axes.spines[["top", "right"]].set_visible(False)


def rows_and_seconds(axes, rows, shift, below, above):
    """Set up a logarithmic x axis in rows, with a second axis in seconds on top.

    rows: positions of the ticks; shift: seconds between rows; below, above: labels of the two axes.
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


METADATA = {"png": {"Software": None}, "pdf": {"CreationDate": None}}  # no version, no date: reproducible files


def save(figure, stem, kinds=("png", "pdf")):
    """Write stem.png and stem.pdf, each with an atomic rename; the same figure gives the same bytes."""
    for kind in kinds:
        with replacing(f"{stem}.{kind}", "wb") as file:
            figure.savefig(file, format=kind, dpi=150, metadata=METADATA[kind])

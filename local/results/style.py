"""Style and saving of matplotlib figures; the colours of systems, also for the HTML pages."""

from zlib import crc32

from cer.base.files import replacing

# Okabe and Ito's six colours, then four darker ones by Tol: colour-blind readers can distinguish them. Strokes and
# markers are for print.
COLOURS = [
    "#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#882255", "#332288", "#999933", "#666666",
]  # fmt: skip
LINES = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2))]
MARKERS = ["o", "s", "^", "D", "v", "P"]
STYLES = [
    {"color": colour, "linestyle": line, "marker": marker}
    for colour, line, marker in zip(COLOURS, LINES, MARKERS, strict=False)
]  # of lines that are no systems, by their number
INKS = [one | {"color": grey} for one, grey in zip(STYLES, ("0", "0.5", "0.25", "0.65", "0.4", "0.75"), strict=True)]

COLUMN = 3.15  # inches: the width of a column of the paper, and of the figures; their letters have 6 points or more
LETTERS = {
    "font.size": 6.5, "figure.titlesize": 6.5, "axes.titlesize": 6.5, "axes.labelsize": 6.5, "legend.fontsize": 6.5,
    "xtick.labelsize": 6.0, "ytick.labelsize": 6.5, "axes.linewidth": 0.6, "grid.linewidth": 0.5,
    "lines.linewidth": 1.0, "lines.markersize": 3, "xtick.major.width": 0.6, "ytick.major.width": 0.6,
    "xtick.major.size": 2.5, "ytick.major.size": 2.5,
}  # fmt: skip

# The architectures of the paper and of related work have colours that differ; any other's follows from its name.
OWN = "dilated downup blstm single svr dnn linear_statistics linear_stacking end_to_end sparse_coding".split()


def ink(number):
    """Return the style of the curve of a target or another thing that is no system: black and greys; number: from 0."""
    return INKS[number % len(INKS)]


def look(system):
    """Return the colour and the stroke of a system, the same in all figures and pages: ("#rrggbb", index of LINES).

    Variants of one architecture, such as dilated_delay, share its colour; their strokes differ from its own.
    """
    arch = max((name for name in OWN if f"{system}_".startswith(f"{name}_")), key=len, default=system)
    place = OWN.index(arch) if arch in OWN else crc32(arch.encode()) % len(COLOURS)
    variant = system.removeprefix(arch)
    stroke = place + (1 + crc32(variant.encode()) % (len(LINES) - 1) if variant else 0)
    return COLOURS[place], stroke % len(LINES)


def pyplot():
    """Return matplotlib.pyplot, for output to files; imported only here, because the import takes a second.

    Names are shown as they are: dollars in them begin no formula.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.rcParams.update(LETTERS | {"text.parse_math": False})
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
    """Write stem.png and stem.pdf, each with an atomic rename, and close the figure; equal figures give equal bytes."""
    for kind in kinds:
        with replacing(f"{stem}.{kind}", "wb") as file:
            figure.savefig(file, format=kind, dpi=300, metadata=METADATA[kind])
    pyplot().close(figure)

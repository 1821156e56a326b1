"""List the pages of own recordings on one page: OUT/index.html, for OUT of steps/predict_recordings.sh --page true."""

from pathlib import Path
from urllib.parse import quote

from cer.base.errors import listed, program  # first: it says so if a package is missing

# isort: split
import numpy as np

from cer.base.files import day_of, write_text
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.base.words import counted
from cer.data.datadir import Archive, label_shift
from cer.data.targets import ends
from cer.prediction.origin import meanings_of, read_origins
from local.page import own, page

POINTS = 60  # of the small curve of a recording
COLOUR = "var(--accent)"


def curve(values):
    """Draw predictions (T,) on a scale from -1 to 1 as a small curve, HTML."""
    pieces = np.array_split(values, min(POINTS, len(values)))
    means = [float(np.clip(piece.mean(), -1, 1)) for piece in pieces]
    points = " ".join(f"{n * 100 / max(len(means) - 1, 1):.0f},{14 - 13 * one:.1f}" for n, one in enumerate(means))
    zero = '<line x1="0" x2="100" y1="14" y2="14" class="zero"/>'
    line = f'<polyline points="{points}" fill="none" style="stroke:{COLOUR};stroke-width:1.5"/>'
    size = 'viewBox="0 0 100 28" preserveAspectRatio="none" width="160" height="28"'
    return f'<svg {size} aria-hidden="true">{zero}{line}</svg>'


def index(folder):
    """Return the page, as text: a line for each recording of the last call that has a page, and links to earlier ones.

    These have no line, because their networks may be others than the page names.
    """
    scps = [path for path in sorted(folder.glob("*.scp")) if path.name != "wav.scp"]
    archives, shift = {path.stem: Archive(path) for path in scps}, label_shift(folder)
    predicted = {key for archive in archives.values() for key in archive}
    with_page = {key for key in predicted if (folder / "pages" / f"{key}.html").exists()}
    table, origins = read_table(folder / "wav.scp"), read_origins(folder)
    meanings, head = meanings_of(origins), ["recording", "length"]
    for target in archives:
        head += [f"{target}, mean", "deviation", f"{target}, {ends(target, meanings)}"]
    rows = [_row(key, archives, shift) for key in table if key in with_page]
    text = page.table("recordings", head, rows)
    if without := [key for key in table if key not in with_page]:
        note = f"Without a page: {listed(without)}; {folder}/failed.* and {folder}/log say why."
        text += f'<p class="note">{page.escape(note)}</p>\n'
    if earlier := sorted(with_page - table.keys()):
        links = "".join(f"<li>{_link(key)}</li>\n" for key in earlier)
        text += page.folded(f"{len(earlier)} more, of earlier calls", f"<ul>\n{links}</ul>\n")
    day = max((day_of(path) for path in scps), default="")
    part = page.section("recordings", counted(len(rows), "recording"), text)
    return page.page("Continuous emotion recognition: own recordings", own.about(origins, day), [part])


def _row(key, archives, shift):
    """The cells of a recording: link, length; mean, deviation and curve a target. archives: target -> Archive."""
    columns = [archive[key][:, 0] if key in archive else None for archive in archives.values()]
    seconds = round(shift * max(len(values) for values in columns if values is not None))
    row = [_link(key), f"{seconds // 60}:{seconds % 60:02}"]
    for values in columns:
        if values is None:
            row += ["–", "–", "–"]
        else:
            row += [page.minus(f"{values.mean():z.3f}"), f"{values.std():.3f}"]
            row.append(page.Cell(f'<td class="bar">{curve(values)}</td>'))
    return row


def _link(key):
    return page.Html(f'<a href="{quote(f"pages/{key}.html")}">{page.escape(key)}</a>')


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("folder", help="output folder of steps/predict_recordings.sh")
    folder = Path(options.parse(argv).folder)
    write_text(folder / "index.html", index(folder))
    print(f"{folder}/index.html")


if __name__ == "__main__":
    main()

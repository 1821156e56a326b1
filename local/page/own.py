"""What pages and pictures of own recordings say of the networks behind them, and where their sound is."""

import os
from pathlib import Path
from urllib.parse import quote

from cer.base.files import real
from cer.data.corpora import is_made_up
from cer.prediction.origin import WARNING, lines_of
from local.page.page import escape

PLAYABLE = {".wav", ".mp3", ".flac", ".ogg", ".oga", ".opus", ".m4a"}  # by browsers
LONG = 900  # seconds of a recording whose sound is better linked
SOUNDS = ("auto", "inside", "link")
SOUND_HELP = "sound of a page: inside, link, or auto: link for several or beyond 15 minutes (default: auto)"


def about(origins, day):
    """Return what a page says of its networks, HTML; origins: of cer.prediction.origin; day: of the predictions."""
    made_up = any(is_made_up(one["corpora"]) for one in origins)
    banner = (
        f'<p class="banner"><strong>{WARNING.capitalize()}.</strong> These networks learnt from a generated corpus;'
    )
    banner += " what they say of a human voice means nothing.</p>\n"
    facts = [*lines_of(origins), f"predicted {day}"]
    return banner * made_up + f'<p class="facts">{" · ".join(map(escape, facts))}</p>\n'


def footer(origins, day):
    """Return the same as a text below a picture; "" if nothing is known."""
    if not origins:
        return ""
    warned = [WARNING] if any(is_made_up(one["corpora"]) for one in origins) else []
    return "\n".join([*warned, *lines_of(origins), f"predicted {day}"])


def link_to(source, page, kind, several, seconds):
    """Return the address of a recording's sound as its page needs it; "": the page holds the sound itself.

    kind: one of SOUNDS; auto links where there are several recordings, or the recording is long.
    """
    links = kind == "link" or (kind == "auto" and (several or (seconds or 0) > LONG))
    path = Path(source)
    if not links or path.suffix.lower() not in PLAYABLE or not path.is_file():
        return ""
    return quote(os.path.relpath(real(path), real(Path(page).parent)))

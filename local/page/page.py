"""Self-contained HTML pages: one file with its style, scripts, figures and sound, which loads nothing else.

web/ contains the page's own parts; Plotly's script comes from its Python package, tables from Markdown. Names and texts
from elsewhere are escaped: they cannot add markup, links or scripts, and the page's content security policy runs only
scripts whose checksums it lists.
"""

import base64
import hashlib
import html
import json
import os
import re
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt

from cer.data.targets import scale
from local.page.packed import base64_of

PARTS = Path(__file__).parent / "web"
SCRIPTS = ["figures.js", "tables.js", "player.js", "page.js"]  # each may use those before it

# What every page says of its numbers.
SCALES = f"""<p>Arousal runs {scale("arousal")}, valence {scale("valence")}; 0 is neutral.
Values outside of this range are the systems' own: predictions are not cut.</p>
"""

PLAYER = """<div id="player" class="player">
<div class="row">
<button id="previous" type="button" title="previous recording (P)">◀ previous</button>
<label>recording <select id="recording"></select></label>
<button id="next" type="button" title="next recording (N)">next ▶</button>
</div>
<div class="row">
<button id="play" type="button" title="space">▶ Play</button>
<label class="seek"><span class="hidden">position in seconds</span>
<input id="seek" type="range" min="0" step="0.04" value="0"></label>
<output id="clock">0:00</output>
<label>speed <select id="speed"><option>0.5</option><option selected>1</option><option>1.5</option><option>2</option>
</select></label>
</div>
<p id="silent" role="status"></p>
<div class="row" role="group" aria-label="zoom">
<button id="zoom-in" type="button" title="zoom in (+)">zoom in</button>
<button id="zoom-out" type="button" title="zoom out (-)">zoom out</button>
<button id="whole" type="button" title="whole recording (0)">whole recording</button>
</div>
<div id="traces" class="plots" data-figure="traces" tabindex="0" role="group"
aria-label="traces of the recording over time; space plays, left and right arrows seek, plus and minus zoom"></div>
<audio id="audio" preload="auto"></audio>
<p class="note">Click on the traces to go there; drag over them to zoom, double-click to see all. Keys: space plays and
pauses, ← and → go 5 s (with Shift 1 s), + − 0 zoom, P and N choose the recording. The names below the traces show and
hide their lines.</p>
</div>"""


class Html(str):
    """Text that is HTML already; all other text is escaped when it is added to a page."""


def escape(text):
    """Escape text for HTML, also for attributes."""
    return text if isinstance(text, Html) else Html(html.escape(str(text)))


def json_script(name, content):
    """Embed data for the page's scripts as JSON, parsed only when they read it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="{escape(name)}">{text}</script>\n'


def figure(name, plots):
    """Return a figure of one or more plots with one legend; plots: list of {"label", "traces", "layout"} for Plotly."""
    return f'<div class="plots" data-figure="{escape(name)}"></div>\n' + json_script(f"figure-{name}", plots)


def section(name, title, content):
    """Return a section of the page, with a heading."""
    title = escape(title)
    head = f'<section id="{name}" data-title="{title}" aria-labelledby="{name}-title">\n'
    return f'{head}<h2 id="{name}-title">{title}</h2>\n{content}</section>\n'


def folded(title, content):
    """Return content that is shown on demand, and in print."""
    return f"<details>\n<summary><h3>{escape(title)}</h3></summary>\n{content}</details>\n"


def table(title, head, rows):
    """Return a table with sortable columns; head: list of str; rows: lists of str or Html, first the row's name."""
    heads = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "".join(
        f'<tr><th scope="row">{escape(first)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in rest)}</tr>\n'
        for first, *rest in rows
    )
    return f"{_box(title)}<thead><tr>{heads}</tr></thead>\n<tbody>\n{lines}</tbody></table></div>\n"


def _box(title):
    label = f"table: {escape(title)}"
    return f'<div class="box" tabindex="0" role="region" aria-label="{label}"><table class="sortable">\n'


def player(name, title, recordings, setup, before=""):
    """Return the section that plays recordings and shows their traces.

    recordings: list of results of local.page.packed.recording(). setup: {"lines": [{"name", "colour", "dash", "width",
    "visible", "hover"}], "targets": [{"name", "title"}]}; before: HTML above it.
    """
    listed = [{name: one[name] for name in ("name", "set", "seconds", "silent")} for one in recordings]
    scripts = [json_script("setup", setup | {"recordings": listed})]
    for number, one in enumerate(recordings):
        scripts += [json_script(f"{part}-{number}", one[part]) for part in ("traces", "audio")]
    return section(name, title, before + PLAYER + "".join(scripts))


def page(title, lead, sections):
    """Return a whole page, as text.

    title: plain text; lead: HTML below it; sections: list of results of section() and player().
    """
    from plotly.offline import get_plotlyjs  # not at the top: the import takes a second

    listed = [re.match(r'<section id="(.*?)" data-title="(.*?)"', one).groups() for one in sections]
    links = "".join(f'<li><a href="#{name}">{text}</a></li>\n' for name, text in listed)
    scripts = [get_plotlyjs(), *((PARTS / name).read_text(encoding="utf-8") for name in SCRIPTS)]
    scripts = [f"\n{text}" for text in scripts]
    return Template((PARTS / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(title),
        lead=lead,
        links=links,
        style=(PARTS / "page.css").read_text(encoding="utf-8"),
        sections="".join(sections),
        allowed=" ".join(map(_checksum, scripts)),
        scripts="".join(f"<script>{text}</script>\n" for text in scripts),
    )


def _checksum(script):
    """Return a script's hash in the format of the content security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def render(text, title, folder=None, drawn=lambda path: None):
    """Convert Markdown to HTML: tables in scrolling boxes, pictures embedded; HTML and links in the text are inert.

    title: subject of the tables; folder: of the text; only pictures in or below it are embedded; drawn: function that
    returns HTML to replace the picture at a path, or None.
    """
    reader = MarkdownIt("js-default", {"html": False}).disable(["link", "autolink", "reference"])
    tokens = reader.parse(text)
    _fit_in(tokens)
    reader.renderer.rules["table_open"] = lambda *_: _box(title)
    reader.renderer.rules["table_close"] = lambda *_: "</table></div>\n"
    reader.renderer.rules["image"] = lambda tokens, at, *_: _picture(tokens[at], folder, drawn)
    return reader.renderer.render(tokens, reader.options, {})


def _fit_in(tokens):
    """Turn first cells of table rows into headers, add scope attributes, and unwrap pictures alone in a paragraph."""
    in_body = first = renamed = False
    for at, token in enumerate(tokens):
        if token.type in ("tbody_open", "tbody_close"):
            in_body = token.type == "tbody_open"
        elif token.type in ("heading_open", "heading_close"):
            token.tag = f"h{int(token.tag[1]) + 1}"  # one level below the heading of its part, an h3
        elif token.type == "tr_open":
            first = in_body
        elif token.type == "th_open":
            token.attrSet("scope", "col")
        elif token.type == "inline" and [child.type for child in token.children] == ["image"]:
            tokens[at - 1].hidden = tokens[at + 1].hidden = True  # HTML allows no figure in a paragraph
        elif token.type == "td_open" and first:
            token.tag, first, renamed = "th", False, True
            token.attrSet("scope", "row")
        elif token.type == "td_close" and renamed:
            token.tag, renamed = "th", False


def _picture(token, folder, drawn):
    folder = Path(folder or ".").resolve()
    path = (folder / token.attrs["src"]).resolve()
    inside = path.is_relative_to(folder)  # the text cannot name files elsewhere
    if inside and (plots := drawn(path)):
        return plots
    there = os.path.isfile(path)  # noqa: PTH113 (Path.is_file raises an error for a name that is too long)
    if not inside or path.suffix != ".png" or not there:
        return f"<em>{escape(token.content)} ({escape(path.name)} is not there)</em>"
    return f'<img alt="{escape(token.content)}" src="data:image/png;base64,{base64_of(path.read_bytes())}">'

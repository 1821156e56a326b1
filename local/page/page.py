"""Self-contained HTML pages: one file with its style, scripts, figures and sound, which loads nothing else.

web/ contains the page's style and scripts. Names and texts from elsewhere are escaped: they cannot add markup, links or
scripts, and the page's content security policy runs only scripts whose checksums it lists.
"""

import hashlib
import html
import itertools
import json
import os
import re
from pathlib import Path
from string import Template

from markdown_it import MarkdownIt

from cer.base.files import real
from local.page.packed import base64_of

PARTS = Path(__file__).parent / "web"
# In this order: each script uses only those before it.
SCRIPTS = "scale.js panel.js legend.js figures.js tables.js traces.js player.js page.js".split()

BOX_END = "</table></div></div>\n"
NUMBER = re.compile(r"([+−-]?\d[\d.:,]*( (±|/) [\d.]+| to [−-]?[\d.]+| %)?|–|)$")  # what stands at the right of a cell


class Html(str):
    """Text that is HTML already; all other text is escaped when it is added to a page."""


class Cell(Html):
    """A whole cell of a table, with its tags."""


def escape(text):
    """Escape text for HTML, also for attributes."""
    return text if isinstance(text, Html) else Html(html.escape(str(text)))


def json_script(name, content):
    """Embed data for the page's scripts as JSON, parsed only when they read it."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f'<script type="application/json" id="{escape(name)}">{text}</script>\n'


def figure(name, plots):
    """Return a figure of one or more plots with one legend; plots: as local/page/figures.py makes them."""
    return f'<div class="plots" data-figure="{escape(name)}"></div>\n' + json_script(f"figure-{name}", plots)


def section(name, title, content):
    """Return a section of the page, with a heading."""
    title = escape(title)
    head = f'<section id="{name}" data-title="{title}" aria-labelledby="{name}-title">\n'
    return f'{head}<h2 id="{name}-title">{title}</h2>\n{content}</section>\n'


def folded(title, content):
    """Return content that is shown on demand, and in print."""
    return f"<details>\n<summary><h3>{escape(title)}</h3></summary>\n{content}</details>\n"


def table(title, head, rows, marked=None):
    """Return a table with sortable columns: numbers to the right, columns without a value left out.

    head: list of str; rows: lists of str or Html, first the row's name, or a str: the title of those below it; marked:
    {row's name: class of the row}.
    """
    lines = [row for row in rows if not isinstance(row, str)]
    kept = [n for n in range(len(head)) if n == 0 or any(row[n] not in ("", "–") for row in lines)]
    numeric = {
        n
        for n in kept[1:]
        if all("number" in row[n] if isinstance(row[n], Cell) else NUMBER.match(row[n]) for row in lines)
    }
    heads = "".join(f'<th scope="col"{_number(n in numeric)}>{escape(head[n])}</th>' for n in kept)
    text = f"{_box(title)}<thead><tr>{heads}</tr></thead>\n<tbody>\n"
    for row in rows:
        if isinstance(row, str):
            title = f'<tr class="title"><th colspan="{len(kept)}" scope="colgroup">{escape(row)}</th></tr>'
            text += f"</tbody>\n<tbody>\n{title}\n"
            continue
        look = f' class="{marked[row[0]]}"' if marked and row[0] in marked else ""
        cells = "".join(_cell(row[n], n in numeric) for n in kept[1:])
        text += f'<tr{look}><th scope="row">{escape(row[0])}</th>{cells}</tr>\n'
    return text.replace("<tbody>\n</tbody>\n", "") + f"</tbody>{BOX_END}"


def _cell(content, numeric):
    return content if isinstance(content, Cell) else f"<td{_number(numeric)}>{escape(minus(content))}</td>"


def minus(text):
    """Replace hyphens before digits by minus signs, unless the text is HTML or has words in it."""
    return text.replace("-", "−") if not isinstance(text, Html) and NUMBER.match(text) else text


def _number(numeric):
    return ' class="number"' if numeric else ""


def _box(title):
    label = f"table: {escape(title)}"
    return f'<div class="box"><div tabindex="0" role="region" aria-label="{label}"><table class="sortable">\n'


def page(title, lead, sections):
    """Return a whole page, as text.

    title: plain text; lead: HTML below it; sections: list of results of section() and player().
    """
    listed = [re.match(r'<section id="(.*?)" data-title="(.*?)"', one).groups() for one in sections]
    links = "".join(f'<li><a href="#{name}">{text}</a></li>\n' for name, text in listed)
    nav = f'<nav aria-label="sections"><ul>\n{links}</ul></nav>\n' if len(listed) > 1 else ""
    scripts = [(PARTS / name).read_text(encoding="utf-8") for name in SCRIPTS]
    scripts = [f"\n{text}" for text in scripts]
    return Template((PARTS / "page.html").read_text(encoding="utf-8")).substitute(
        title=escape(title),
        lead=lead,
        nav=nav,
        style=(PARTS / "page.css").read_text(encoding="utf-8"),
        sections="".join(sections),
        allowed=" ".join(map(_checksum, scripts)),
        scripts="".join(f"<script>{text}</script>\n" for text in scripts),
    )


def _checksum(script):
    """Return a script's hash in the format of the content security policy."""
    return f"'sha256-{base64_of(hashlib.sha256(script.encode()).digest())}'"


def render(text, title, folder=None, drawn=lambda path: None):
    """Convert Markdown to HTML: tables in scrolling boxes, pictures embedded; HTML and links in the text are inert.

    title: subject of the tables; folder: of the text; only pictures in or below it are embedded; drawn: function that
    returns HTML to replace the picture at a path, or None.
    """
    reader = MarkdownIt("js-default", {"html": False}).disable(["link", "autolink", "reference"])
    tokens = reader.parse(text)
    _fit_in(tokens)
    count = itertools.count(1)
    reader.renderer.rules["table_open"] = lambda *_: _box(title if (n := next(count)) == 1 else f"{title}, {n}")
    reader.renderer.rules["table_close"] = lambda *_: BOX_END
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
        elif token.type == "td_open" and NUMBER.match(tokens[at + 1].content):
            token.attrSet("class", "number")
        elif token.type == "td_close" and renamed:
            token.tag, renamed = "th", False


def _picture(token, folder, drawn):
    folder = real(folder or ".")
    path = real(folder / token.attrs["src"])
    inside = path.is_relative_to(folder)  # the text cannot name files elsewhere
    if inside and (plots := drawn(path)):
        return plots
    there = os.path.isfile(path)  # noqa: PTH113 (Path.is_file raises an error for a name that is too long)
    if not inside or path.suffix != ".png" or not there:
        return f"<em>{escape(token.content)} ({escape(path.name)} is not there)</em>"
    return f'<img alt="{escape(token.content)}" src="data:image/png;base64,{base64_of(path.read_bytes())}">'

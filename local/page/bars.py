"""The axis of CCC from 0 to 1, the same for all targets and systems: dots, intervals and ceilings on it, as SVG."""

from local.page.page import Html, escape

TICKS = (0, 0.2, 0.4, 0.6, 0.8, 1)
MUTED = "var(--muted)"


def bar(dots, label, ceiling=None, others=(), tall=True):
    """Return an axis with dots on it.

    dots: list of (ccc, interval or None, colour, whether it is open); ceiling: (mean, lowest, highest) of the raters;
    others: CCCs of further systems, as strokes; label: all of it in words; tall: with room for a ceiling.
    """
    height, middle = (42, 20) if tall else (24, 12)
    parts = [_line(at, at, 2, height - 4, "var(--grid)") for at in TICKS]
    parts += [_line(at, at, 14, 26, MUTED, 1, 0.6) for at in others]
    if ceiling:
        mean, low, high = ceiling
        parts += [_line(low, high, 34, 34, MUTED, 2), _line(mean, mean, 28, 40, MUTED, 4)]
    for n, (ccc, interval, colour, is_open) in enumerate(dots):
        y = middle - 4 * (len(dots) - 1) + 8 * n
        if interval:
            parts.append(_line(*interval, y, y, colour, 2))
        fill = "var(--paper)" if is_open else colour
        parts.append(
            f'<circle cx="{_percent(ccc)}" cy="{y}" r="5" style="fill:{fill};stroke:{colour};stroke-width:2"/>'
        )
    return Html(f'<svg role="img" height="{height}" aria-label="{escape(label)}">{"".join(parts)}</svg>')


def scale():
    """Return the numbers below the axis."""
    anchors = {0: "start", 1: "end"}
    texts = "".join(
        f'<text x="{_percent(at)}" y="12" text-anchor="{anchors.get(at, "middle")}">{at:g}</text>' for at in TICKS
    )
    return f'<svg class="panel scale" aria-hidden="true">{texts}</svg>'


def _line(left, right, top, bottom, colour, width=1, opacity=1):
    ends = f'x1="{_percent(left)}" x2="{_percent(right)}" y1="{top}" y2="{bottom}"'
    return f'<line {ends} style="stroke:{colour};stroke-width:{width};opacity:{opacity}"/>'


def _percent(ccc):
    return f"{100 * min(max(ccc, 0), 1):.1f}%"

"""What a reader wants first: how good, against what, where and on whom it fails, and what it was made of."""

import html
import statistics

from cer.base import records as shapes
from local.page import bars, page
from local.page.packed import line_style
from local.page.scores import best, main_set, ranked

WORST = 5  # recordings and speakers named
OTHERS = 50  # most systems that are drawn as strokes on the axis
CEILING = shapes.Listed({
    "set": str, "target": str, "traces": str, "recordings": int, "std": {...: float},
    "mean": {...: float}, "raters": {...: {...: float}},
})  # fmt: skip
MEANING = """<p class="meaning"><b>CCC</b>, the concordance correlation coefficient, says how nearly predictions and
gold standard are the same curve: 1 is the same, 0 unrelated; a wrong level or range costs as well as a wrong shape.</p>
"""
NOISY = (
    "▮ raters' ceiling: a rater against the gold standard of the others, mean and range; a gold standard is less noisy"
    " than one rater, so systems may lie above"
)


def ceilings(path):
    """Read EXP/ceiling.json, of local/paper/ceiling.py: (set, target) -> (mean, lowest, highest CCC of a rater)."""
    if not path.exists():
        return {}
    found = shapes.read(path, CEILING, "run stage 6 again, or remove it")
    values = {
        (r["set"], r["target"]): [one["ccc"] for one in r["raters"].values()]
        for r in found
        if r["traces"] == "as they are"
    }
    return {place: (statistics.fmean(each), min(each), max(each)) for place, each in values.items()}


def section(records, raters, speakers, opener, facts):
    """Return the first section.

    raters: of ceilings(); speakers: set -> {recording: speaker}; opener: function (set, recording, text) -> HTML of a
    link that opens it in the player; facts: list of texts on what the results are made of.
    """
    top, name = best(records), main_set(records)
    lines = "".join(_target(records, r, raters.get((name, target))) for target, r in top.items())
    text = f'<div class="glance">{lines}{bars.scale()}</div>\n{_key(records, raters)}{MEANING}'
    text += f'<p class="facts">{" · ".join(map(html.escape, facts))}</p>\n'
    lists = "".join(_worst(r, speakers.get(name, {}), opener) for r in top.values())
    return page.section("glance", "At a glance", f'{text}<div class="worst">{lists}</div>\n')


def _target(records, record, raters):
    """One line of the summary: the system with the highest CCC of a target."""
    target, system, set_name = record["target"], record["system"], record["set"]
    test = next((r for r in records if (r["system"], r["target"], r["set"]) == (system, target, "test")), None)
    colour = line_style(system)["colour"]
    dots = [(record["ccc"], record.get("interval"), colour, False)]
    if test and set_name != "test":
        dots.append((test["ccc"], test.get("interval"), colour, True))
    interval = "95 % {} to {}".format(*map(_figure, record["interval"])) if record.get("interval") else "no interval"
    further = [f"test {_figure(test['ccc'])}"] if len(dots) > 1 else []
    further += ["raters {} ({} to {})".format(*map(_figure, raters)) if raters else "raters: not measured"]
    ccc = _figure(record["ccc"])
    label = "; ".join([f"{target}: CCC {ccc} on {set_name}, {interval}", *further])
    others = [r["ccc"] for r in ranked(records, target, set_name)[1:OTHERS]]
    return (
        f'<span class="target">{html.escape(target)}<small>{html.escape(f"{system}, {set_name}")}</small></span>'
        f"<b>{ccc}</b>"
        f'<span class="raters">{interval}<small>{" · ".join(further)}</small></span>'
        f'<span class="bar">{bars.bar(dots, label, raters, others)}</span>\n'
    )


def _figure(ccc):
    return page.minus(f"{ccc:z.3f}")


def _key(records, raters):
    words = [f"● {main_set(records)}, system with the highest CCC, with its 95 % interval over speakers"]
    words += ["○ test"] if any(r["set"] == "test" for r in records) and main_set(records) != "test" else []
    words += [NOISY] if raters else []
    words += ["❘ other systems"] if len({r["system"] for r in records}) > 1 else []
    return '<p class="note key">' + "".join(f"<span>{html.escape(word)}</span>" for word in words) + "</p>\n"


def _worst(record, speakers, opener):
    """The recordings of a target with the lowest CCC; and the speakers, where some have several recordings."""
    scores = {key: one["ccc"] for key, one in record["recordings"].items()}
    keys, own = sorted(scores, key=lambda key: (scores[key], key)), {}
    for key in keys:
        own.setdefault(speakers.get(key, key), []).append(key)
    several = len(own) < len(scores)
    items = [
        f"{opener(record['set'], key, key)} {_figure(scores[key])}" + _of(speakers.get(key), key)
        for key in keys[:WORST]
    ]
    what = "Worst recordings" if several else "Worst recordings, one per speaker"
    text = _list(f"{what}: {record['target']}", items)
    if several:
        means = {who: statistics.fmean(scores[key] for key in each) for who, each in own.items()}
        worst = sorted(means, key=lambda who: (means[who], who))[:WORST]
        items = [
            f"{opener(record['set'], own[who][0], who)} {_figure(means[who])}, mean of {len(own[who])}" for who in worst
        ]
        text += _list(f"Worst speakers: {record['target']}", items)
    return f"<div>{text}</div>\n"


def _of(speaker, key):
    return f" (speaker {html.escape(speaker)})" if speaker and speaker != key else ""


def _list(title, items):
    return f"<h3>{html.escape(title)}</h3>\n<ol>{''.join(f'<li>{item}</li>' for item in items)}</ol>\n"

"""The table of all recordings: CCC of the systems of scores.best(), worst first, warmer where it is worse."""

import statistics

from local.page import page
from local.page.scores import best

LINES = 2000  # rows: browsers are slow to lay out more


def worst_first(records):
    """Collect the CCCs of the systems of best(): (set, recording) -> {target: ccc}, lowest mean first."""
    top, scores = best(records), {}
    for r in records:
        if r["target"] in top and r["system"] == top[r["target"]]["system"] and r["set"] != "train":
            for key, one in r["recordings"].items():
                scores.setdefault((r["set"], key), {})[r["target"]] = one["ccc"]
    return dict(sorted(scores.items(), key=lambda item: (statistics.fmean(item[1].values()), item[0])))


def section(records, speakers, opener):
    """Return the section with the table; speakers, opener: as in local/page/glance.py."""
    top, scores = best(records), worst_first(records)
    places = list(scores)
    named = any(speakers.get(name, {}).get(key, key) != key for name, key in places)  # if not, no column
    head = ["recording", "speaker", "set", *(f"{target}: {r['system']}" for target, r in top.items()), "mean"]
    rows = [
        [
            opener(set_name, key, key),
            speakers.get(set_name, {}).get(key, "–") if named else "–",
            set_name,
            *(_cell(scores[set_name, key].get(target)) for target in top),
            _cell(statistics.fmean(scores[set_name, key].values())) if len(top) > 1 else "",
        ]
        for set_name, key in places[:LINES]
    ]
    text = "<p>CCC of each recording, of the system that has each target's highest CCC, worst first;"
    text += " an underlined name opens it in the player.</p>\n"
    if len(places) > LINES:
        text += f"<p>The worst {LINES} of {len(places)}.</p>\n"
    return page.section("recordings", "Recordings", text + page.table("CCC of each recording", head, rows))


def _cell(ccc):
    if ccc is None:
        return page.Cell('<td class="number">–</td>')
    badness = min(max(1 - ccc, 0), 1)
    return page.Cell(f'<td class="number heat" style="--badness:{badness:.2f}">{page.minus(f"{ccc:z.3f}")}</td>')

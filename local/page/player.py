"""The part of a page that plays recordings and shows their traces: its markup and its data."""

from local.page.page import json_script, section

# The explanations of numbers and keys are folded: a listener needs them once.
MARKUP = """<div id="player" class="player">
<div class="row" role="group" aria-label="player">
<button id="previous" type="button" title="previous recording (P)" aria-label="previous recording">◀</button>
<select id="recording" aria-label="recording"></select>
<button id="next" type="button" title="next recording (N)" aria-label="next recording">▶</button>
<output id="ccc"></output>
<button id="play" type="button" title="space">▶ Play</button>
<output id="clock">0:00</output> <output id="loop"></output>
<select id="speed" aria-label="speed"><option value="0.5">½×</option><option value="1" selected>1×</option>
<option value="1.5">1½×</option><option value="2">2×</option></select>
<button id="zoom-out" type="button" title="zoom out (-)" aria-label="zoom out">−</button>
<button id="zoom-in" type="button" title="zoom in (+)" aria-label="zoom in">+</button>
<button id="whole" type="button" title="whole recording (0)">all</button>
</div>
<p id="silent" role="status"></p>
<div id="traces" tabindex="0" role="slider" aria-label="position in the recording; space plays, arrows seek"
aria-valuemin="0" aria-valuenow="0" aria-valuemax="0"></div>
<div id="legend"></div>
<audio id="audio" preload="auto"></audio>
<p class="note">Click: go there. Drag: loop that part (+ zooms to it, Esc ends it). Keys, after a click anywhere here:
space plays, ← → go 5 s (with Shift 1 s), + − 0 zoom$others.</p>
</div>"""
OTHERS = ", P and N choose the recording"
PARTS = ("traces", "audio", "picture")  # each read only when its recording is shown


def player(recordings, setup, before=""):
    """Return the section that plays recordings and shows their traces.

    recordings: list of results of local.page.packed.recording(). setup: {"lines": [{"name", "colour", "dash", "width",
    "visible", "rater"?}], "targets": [{"name", "title"}]}; before: HTML above it.
    """
    listed = [{name: value for name, value in one.items() if name not in PARTS} for one in recordings]
    scripts = [json_script("setup", setup | {"recordings": listed})]
    for number, one in enumerate(recordings):
        scripts += [json_script(f"{part}-{number}", one[part]) for part in PARTS]
    markup = MARKUP.replace("$others", OTHERS if len(recordings) > 1 else "")
    return section("listen", "Look and listen", before + markup + "".join(scripts))

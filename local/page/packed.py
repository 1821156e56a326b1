"""Recordings encoded for a page: traces as 16-bit numbers in Base64, and the looks of lines."""

import base64

import numpy as np

from local.results.style import look

DASHES = ["", "7 4", "8 3 2 3", "2 3", "8 2 2 2 2 2", "12 4"]  # SVG's, of style.LINES
UNREADABLE = "The sound of this recording could not be read when this page was made."
STEPS, GAP = 65534, 65535  # quantisation steps between the lowest and the highest value of a trace; no value


def base64_of(content):
    """Encode bytes as Base64 text."""
    return base64.b64encode(content).decode("ascii")


def line_style(system):
    """Return the line of a system, the same in all figures and pages: its colour, lighter on dark pages; its dashes."""
    colour, stroke = look(system)
    return {"colour": f"light-dark({colour}, color-mix(in oklab, {colour} 60%, white))", "dash": DASHES[stroke]}


def trace(line, target, values, shift, start=0.0, every=1):
    """Encode a trace (T,) for the page's script; shift: seconds between values; start: time of the first, seconds.

    line: its name in the legend; every: encode the means of so many values in a row, at their middle. Values are
    low + step * n, n an unsigned 16-bit little-endian integer; GAP where there is none (nan).
    """
    end, every = start + shift * len(values), min(every, len(values))
    if every > 1:
        values = values[: len(values) // every * every].reshape(-1, every).mean(1)
        start, shift = round(start + shift * (every - 1) / 2, 9), round(shift * every, 9)
    there = np.isfinite(values)
    low, high = (float(values[there].min()), float(values[there].max())) if there.any() else (0.0, 0.0)
    step = (high - low) / STEPS or 1.0
    numbers = np.where(there, np.rint((np.where(there, values, low).astype(np.float64) - low) / step), GAP).astype(
        "<u2"
    )
    packed = {"low": round(low, 7), "step": float(f"{step:.7g}"), "values": base64_of(numbers.tobytes())}
    about = {"line": line, "target": target, "start": start, "shift": shift, "rows": len(values), "end": round(end, 9)}
    return about | packed


def recording(name, traces, set_name="", audio=None, picture=None, link="", ccc=""):
    """A recording for a page: {"name", "set", "seconds", "ccc", "link", "silent", "audio", "picture", "traces"}.

    traces: list of results of trace(); audio, picture: of local.page.sound; link: address of the sound, where it is not
    on the page; ccc: what to say beside its name. silent: why there is no sound, for readers.
    """
    seconds = max((one["end"] for one in traces), default=0)
    silent = "" if audio or link else UNREADABLE
    about = {"name": name, "set": set_name, "seconds": seconds, "ccc": ccc, "link": link, "silent": silent}
    return about | {"audio": audio, "picture": picture, "traces": traces}

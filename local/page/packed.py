"""Recordings encoded for a page: sound as MP3, traces as 16-bit numbers, both in Base64."""

import base64
import io
from pathlib import Path

import numpy as np
import soundfile

from cer.base.errors import BadInput, warn
from cer.sound import wav
from cer.sound.audio import Recording
from local.results.style import COLOURS

RATE = 16000  # Hz: enough for speech, and supported by MP3
# libsndfile's compression level, 0 to 1; here 40 kbit/s. At lower bit rates the header with the encoder delay does not
# fit, and the sound would start 0.07 s late. The bit rate is constant, so that players can seek without an index.
COMPRESSION = 0.8
DASHES = ["solid", "dash", "dashdot", "dot", "longdash", "longdashdot"]  # Plotly's names
STEPS = 65535  # quantisation steps between the lowest and the highest value of a trace


def base64_of(content):
    """Encode bytes as Base64 text."""
    return base64.b64encode(content).decode("ascii")


def samples_of(source, channel=0):
    """Read one channel of an audio file, or of a wav in an archive (archive:offset): (samples, Hz). Raises BadInput."""
    if not Path(source).is_file():
        return wav.read(source, channel)
    audio = Recording(source, channel)
    return np.concatenate([*audio.pieces()]), audio.rate


def mp3(source, channel=0):
    """Encode one channel of a recording as MP3: bytes. Raises BadInput."""
    samples, rate = samples_of(source, channel)
    if rate != RATE:
        from scipy.signal import resample_poly  # not at the top: the import takes a second

        divisor = np.gcd(rate, RATE)
        samples = resample_poly(samples, RATE // divisor, rate // divisor)
    file = io.BytesIO()
    soundfile.write(
        file, np.clip(samples / 32768, -1, 1), RATE, format="MP3", subtype="MPEG_LAYER_III", bitrate_mode="CONSTANT",
        compression_level=COMPRESSION,
    )  # fmt: skip
    return file.getvalue()


def line_style(number):
    """Return the line style of a system, the same in all figures of a page: colour and Plotly dash; number: from 0."""
    rounds, place = divmod(number, len(COLOURS))
    return {"colour": COLOURS[place], "dash": DASHES[(place + rounds) % len(DASHES)]}


def trace(line, target, values, shift, start=0.0):
    """Encode a trace (T,) for the page's script; shift: seconds between values; start: time of the first, seconds.

    line: its name in the legend. Values are low + step * n, n an unsigned 16-bit little-endian integer.
    """
    low, high = float(values.min()), float(values.max())
    step = (high - low) / STEPS or 1.0
    numbers = np.rint((values.astype(np.float64) - low) / step).astype("<u2")
    packed = {"low": round(low, 7), "step": float(f"{step:.7g}"), "values": base64_of(numbers.tobytes())}
    return {"line": line, "target": target, "start": start, "shift": shift, "rows": len(values)} | packed


def recording(name, source, traces, set_name="", channel=0):
    """Encode a recording for a page: {"name", "set", "seconds", "audio", "traces"}; audio: None if unreadable.

    source: its sound, as in samples_of(); traces: list of results of trace().
    """
    try:
        audio = base64_of(mp3(source, channel)) if source else None
    except BadInput as error:
        warn(f"{name}: shown without sound: {error}")
        audio = None
    seconds = max((one["start"] + one["shift"] * one["rows"] for one in traces), default=0)
    return {"name": name, "set": set_name, "seconds": seconds, "audio": audio, "traces": traces}

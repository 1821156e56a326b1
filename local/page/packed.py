"""Recordings as a page holds them: the sound as MP3, each trace as 16-bit numbers, both in Base64."""

import base64
import io
from pathlib import Path

import numpy as np
import soundfile

from cer.base.errors import BadInput, warn
from cer.sound import wav
from cer.sound.audio import Recording
from local.results.style import COLOURS

RATE = 16000  # Hz: enough for speech, and one of MP3's own rates
# libsndfile's 0 to 1; here 40 kbit/s. With less there is no room for the header that says how many samples the encoder
# put in front, and the sound would come 0.07 s late. A constant rate, because players seek in it without an index.
COMPRESSION = 0.8
DASHES = ["solid", "dash", "dashdot", "dot", "longdash", "longdashdot"]  # Plotly's names
STEPS = 65535  # between a trace's lowest and its highest value


def base64_of(content):
    """Bytes as text."""
    return base64.b64encode(content).decode("ascii")


def samples_of(source, channel=0):
    """One channel of an audio file, or of a wav in an archive (archive:offset): (samples, Hz). Raises BadInput."""
    if not Path(source).is_file():
        return wav.read(source, channel)
    audio = Recording(source, channel)
    return np.concatenate([*audio.pieces()]), audio.rate


def mp3(source, channel=0):
    """A recording as MP3 with one channel: bytes. Raises BadInput."""
    samples, rate = samples_of(source, channel)
    if rate != RATE:
        from scipy.signal import resample_poly  # here, because it takes a second

        divisor = np.gcd(rate, RATE)
        samples = resample_poly(samples, RATE // divisor, rate // divisor)
    file = io.BytesIO()
    soundfile.write(
        file, np.clip(samples / 32768, -1, 1), RATE, format="MP3", subtype="MPEG_LAYER_III", bitrate_mode="CONSTANT",
        compression_level=COMPRESSION,
    )  # fmt: skip
    return file.getvalue()


def line_style(number):
    """How the system of this number is drawn, everywhere on a page: a colour and Plotly's name of a dash."""
    rounds, place = divmod(number, len(COLOURS))
    return {"colour": COLOURS[place], "dash": DASHES[(place + rounds) % len(DASHES)]}


def trace(line, target, values, shift, start=0.0):
    """One trace (T,), a value every `shift` seconds from `start` on, as the page's program unpacks it.

    line: the name of its line in the legend. A value is low + step x a whole number below 2^16, little-endian.
    """
    low, high = float(values.min()), float(values.max())
    step = (high - low) / STEPS or 1.0
    numbers = np.rint((values.astype(np.float64) - low) / step).astype("<u2")
    packed = {"low": round(low, 7), "step": float(f"{step:.7g}"), "values": base64_of(numbers.tobytes())}
    return {"line": line, "target": target, "start": start, "shift": shift, "rows": len(values)} | packed


def recording(name, source, traces, set_name="", channel=0):
    """A recording of a page: {"name", "set", "seconds", "audio", "traces"}; audio: None where it cannot be read.

    source: its sound, as samples_of takes it; traces: a list of what trace() gives.
    """
    try:
        audio = base64_of(mp3(source, channel)) if source else None
    except BadInput as error:
        warn(f"{name}: goes without sound: {error}")
        audio = None
    seconds = max((one["start"] + one["shift"] * one["rows"] for one in traces), default=0)
    return {"name": name, "set": set_name, "seconds": seconds, "audio": audio, "traces": traces}

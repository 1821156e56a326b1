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
BITS_PER_SECOND = 40_000
UNREADABLE = "The sound of this recording could not be read when this page was made."
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


def trace(line, target, values, shift, start=0.0, every=1):
    """Encode a trace (T,) for the page's script; shift: seconds between values; start: time of the first, seconds.

    line: its name in the legend; every: encode the means of so many values in a row, at their middle. Values are
    low + step * n, n an unsigned 16-bit little-endian integer.
    """
    end, every = start + shift * len(values), min(every, len(values))
    if every > 1:
        values = values[: len(values) // every * every].reshape(-1, every).mean(1)
        start, shift = round(start + shift * (every - 1) / 2, 9), round(shift * every, 9)
    low, high = float(values.min()), float(values.max())
    step = (high - low) / STEPS or 1.0
    numbers = np.rint((values.astype(np.float64) - low) / step).astype("<u2")
    packed = {"low": round(low, 7), "step": float(f"{step:.7g}"), "values": base64_of(numbers.tobytes())}
    about = {"line": line, "target": target, "start": start, "shift": shift, "rows": len(values), "end": round(end, 9)}
    return about | packed


def sound(name, source, channel=0):
    """Encode the sound of a recording as a text for a page; None if it is unreadable; source: as in samples_of()."""
    try:
        return base64_of(mp3(source, channel))
    except BadInput as error:
        warn(f"{name}: shown without sound: {error}")
        return None


def size_of_sound(seconds):
    """About how many bytes sound() gives."""
    return 4 / 3 * (BITS_PER_SECOND / 8 * seconds + BITS_PER_SECOND / 8)


def recording(name, traces, set_name="", audio=None):
    """A recording for a page: {"name", "set", "seconds", "audio", "silent", "traces"}.

    traces: list of results of trace(); audio: result of sound(); silent: why there is none, for readers.
    """
    seconds = max((one["end"] for one in traces), default=0)
    silent = UNREADABLE if audio is None else ""
    return {"name": name, "set": set_name, "seconds": seconds, "audio": audio, "silent": silent, "traces": traces}

"""The sound of a recording for a page: as MP3, and as a picture, waveform and spectrogram."""

import io
import math
import struct
import zlib
from pathlib import Path

import numpy as np
import soundfile

from cer.base.errors import BadInput, warn
from cer.features.parts.mel import mel_filters
from cer.sound import wav
from cer.sound.audio import Recording
from local.page.packed import base64_of

RATE = 16000  # Hz: enough for speech, and supported by MP3
# libsndfile's compression level, 0 to 1; here 40 kbit/s. At lower bit rates the header with the encoder delay does not
# fit, and the sound would start 0.07 s late. The bit rate is constant, so that players can seek without an index.
COMPRESSION = 0.8
BITS_PER_SECOND = 40_000
BLOCK = 1 << 16  # samples encoded at a time
COLUMNS, PER_SECOND = 2000, 25  # of a picture: at most so many, and so many a second
BANDS, WINDOW, WINDOWS = 40, 512, 4  # of a spectrogram: rows, samples of a window, windows a column
DECIBELS, GREYS = 60, 15  # between the darkest and the lightest grey, and steps between them
PICTURE_BYTES = 4 / 3 * COLUMNS * (BANDS / 2 + 1) + 1000  # at most


def samples_of(source, channel=0):
    """Read one channel of an audio file, or of a wav in an archive (archive:offset): (samples, Hz). Raises BadInput."""
    if not Path(source).is_file():
        return wav.read(source, channel)
    audio = Recording(source, channel)
    samples, end = np.empty(round((audio.seconds or 0) * audio.rate), np.float32), 0
    for piece in audio.pieces():
        if end + len(piece) > len(samples):  # the file did not say its length: twice the room, so that copies stay few
            samples = np.concatenate([samples[:end], np.empty(max(end, len(piece)), np.float32)])
        samples[end : end + len(piece)] = piece
        end += len(piece)
    return samples[:end], audio.rate


def mp3(samples, rate):
    """Encode samples, in the range of 16-bit integers, as MP3: bytes."""
    if rate != RATE:
        from scipy.signal import resample_poly  # not at the top: the import takes a second

        divisor = math.gcd(rate, RATE)
        samples = resample_poly(samples, RATE // divisor, rate // divisor)
    file = io.BytesIO()
    with soundfile.SoundFile(
        file, "w", RATE, 1, format="MP3", subtype="MPEG_LAYER_III", bitrate_mode="CONSTANT",
        compression_level=COMPRESSION,
    ) as sound:  # fmt: skip
        for first in range(0, len(samples), BLOCK):
            sound.write(np.clip(samples[first : first + BLOCK] / 32768, -1, 1))
    return file.getvalue()


def picture(samples, rate):
    """Draw the waveform and the spectrogram, up to 8 kHz or half the rate, for the page's script.

    Returns {"seconds", "peaks": largest magnitude a column as bytes, "image": PNG; both Base64; "top": its highest Hz}.
    """
    seconds = len(samples) / rate
    count = max(1, min(COLUMNS, round(seconds * PER_SECOND), len(samples)))
    edges = np.arange(count) * len(samples) // count
    highest, lowest = (np.float64(each.reduceat(samples, edges)) for each in (np.maximum, np.minimum))
    peaks = np.maximum(highest, -lowest)
    peaks = np.rint(255 * peaks / max(peaks.max(), 1)).astype(np.uint8)
    image = base64_of(png(np.flipud(spectrogram(samples, rate, count).T)))
    return {"seconds": round(seconds, 6), "peaks": base64_of(peaks.tobytes()), "image": image, "top": top_of(rate)}


def top_of(rate):
    """Return the highest frequency of a spectrogram, in Hz."""
    return min(RATE, rate) / 2


def spectrogram(samples, rate, count):
    """Return `count` columns of BANDS mel bands, greys from 0 to GREYS (the loudest): (count, BANDS)."""
    size = 2 ** math.ceil(math.log2(WINDOW * rate / RATE))
    window = np.hanning(size).astype(np.float32)
    filters = mel_filters(BANDS, size, rate, 60, top_of(rate))
    starts = (np.arange(count * WINDOWS) + 0.5) * len(samples) / (count * WINDOWS)
    rows = np.arange(size) - size // 2
    powers = np.empty((count, BANDS), np.float32)
    for n, some in enumerate(starts.astype(np.int64).reshape(count, WINDOWS)):
        places = some[:, None] + rows
        inside = (places >= 0) & (places < len(samples))  # silence before the sound, and after it
        here = samples[np.clip(places, 0, len(samples) - 1)].astype(np.float32) * inside
        spectra = np.abs(np.fft.rfft(here * window)[:, : size // 2]) ** 2
        powers[n] = spectra.mean(0) @ filters
    levels = 10 * np.log10(powers + 1e-6)
    return np.rint(GREYS * np.clip(1 + (levels - levels.max()) / DECIBELS, 0, 1)).astype(np.uint8)


def png(greys):
    """Encode greys from 0 to 15 (rows, columns) as a PNG of 4 bits a pixel."""
    rows, columns = greys.shape
    even = np.pad(greys, ((0, 0), (0, columns % 2)))
    lines = np.pad(even[:, ::2] << 4 | even[:, 1::2], ((0, 0), (1, 0)))  # each begins with its filter: none

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", columns, rows, 4, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)) + chunk(b"IEND", b"")


def heard(name, source, channel=0, encode=True):
    """Read a recording for a page: {"audio": MP3 as Base64, "picture"}; None, with a warning, if unreadable.

    source: as in samples_of(); encode: False: without the MP3.
    """
    try:
        samples, rate = samples_of(source, channel)
    except BadInput as error:
        warn(f"{name}: shown without sound: {error}")
        return {"audio": None, "picture": None}
    return {"audio": base64_of(mp3(samples, rate)) if encode else None, "picture": picture(samples, rate)}


def size_of(seconds):
    """About how many bytes heard() gives."""
    return 4 / 3 * (BITS_PER_SECOND / 8 * seconds + BITS_PER_SECOND / 8) + PICTURE_BYTES

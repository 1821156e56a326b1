"""Recordings of any format of libsndfile as the wav files that stage 1 reads: 16-bit PCM."""

import wave
from pathlib import Path

import numpy as np

from cer.base.errors import BadInput, warn
from cer.base.files import replacing
from cer.sound import wav
from cer.sound.audio import Recording

MOST = 0.001  # of the samples, above full scale: decoded MP3s have a few


def as_wav(path, folder, name):
    """The path of a recording as a wav file: itself if it is one of 16-bit PCM, else folder/name.wav, which is written.

    Of several channels of another format the first is taken, with a warning. Another tells of sound above full scale,
    which 16 bits cannot hold. Raises BadInput for what is no sound.
    """
    try:
        wav.length(path)
        return Path(path)
    except BadInput:
        recording, out = Recording(path, channel=0), Path(folder) / f"{name}.wav"
    if recording.channels > 1:
        cure = "for another one, put it into a file of its own: ffmpeg -i IN -af 'pan=mono|c0=c1' OUT.wav"
        warn(f"{path}: the first of {recording.channels} channels is taken; {cure}")
    cut = count = 0
    with replacing(out, "wb") as file, wave.open(file) as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(round(recording.rate))
        for piece in recording.pieces():
            whole = np.clip(np.rint(piece), -32768, 32767)
            cut, count = cut + int((np.abs(piece - whole) > 1).sum()), count + len(piece)
            sound.writeframes(whole.astype("<i2").tobytes())
    if cut > MOST * count:
        warn(f"{path}: {cut / count:.1%} of its samples are above full scale and were cut off; make it less loud")
    return out

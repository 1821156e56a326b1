"""Counts the frames of an MP3 file: if a file does not say their number, libsndfile estimates it.

If the estimate is too small, libsndfile stops too early.

    [ID3 tags] [Xing head: a frame that says how many follow] frame frame frame ... [tags]
"""

import re
import struct
from typing import NamedTuple

KBITS = {  # MPEG-1?: kbit/s of layer III by the header's four bits
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}  # Hz by version
SIDE = {(True, False): 32, (True, True): 17, (False, False): 17, (False, True): 9}  # bytes by (MPEG-1, one channel)
DELAY = 529  # samples, of a decoder
SEARCH = 1 << 16  # bytes in front that may be something else, in a file called .mp3


class Frames(NamedTuple):
    """What an MP3 file holds."""

    start: int  # byte of the first frame
    first: int  # byte of the first frame with sound: behind the Xing head, if there is one
    promised: int | None  # frames, by the Xing head
    found: int  # whole frames in the file
    cut: bool  # whether a part of a frame follows them
    samples: int  # in a frame
    head: bytes  # of a frame


def count(data, start=0, search=1):
    """Walk the frames of `data` (bytes or mmap) from byte `start` on, where the first begins.

    search: bytes in which it may begin. None where there are no frames (of layer III).
    """
    start = _next(data, start, min(len(data), start + search + 1))
    if start is None:
        return None
    promised, at = _xing(data, start)
    first, found, end = at, 0, at
    while at + 4 <= len(data):
        if size := _size(data[at : at + 4]):
            end = at + size
            found += end <= len(data)
            at = end
        elif (at := _next(data, at + 1, len(data))) is None:  # behind a tag, or damage, frames may go on
            break
    samples = 1152 if _is_1(data[start + 1]) else 576
    return Frames(start, first, promised, found, end > len(data), samples, data[start : start + 4])


def xing(frames):
    """A Xing head that promises the frames that were found, and a silent frame, for a file without a right head.

    Decoders drop DELAY samples, and as many more as the head gives as the encoder's delay. Together these are the
    silent frame, so that no sound is dropped.
    """
    head = bytearray(frames.head)
    head[1] |= 1  # no checksum
    head[2] = head[2] & 0x0C | 0xA0  # a bit rate with room enough, no padding
    silent = bytes(head).ljust(_size(head), b"\0")
    about = b"Xing" + struct.pack(">II", 1, frames.found + 1) + b"LAME3.100".ljust(21, b"\0")
    about += struct.pack(">I", frames.samples - DELAY << 12)[1:]  # and no padding at the end
    begin = 4 + SIDE[_is_1(head[1]), head[3] >> 6 == 3]
    return silent[:begin] + about + silent[begin + len(about) :] + silent


def _is_1(byte):
    return byte >> 3 & 3 == 3


def _size(head):
    """Bytes of the frame that begins with these four; 0: none does."""
    if head[0] != 0xFF or head[1] & 0xE6 != 0xE2 or head[1] >> 3 & 3 == 1:  # layer III alone
        return 0
    kbits, rate = head[2] >> 4, head[2] >> 2 & 3
    if kbits in (0, 15) or rate == 3:
        return 0
    one = _is_1(head[1])
    return (144000 if one else 72000) * KBITS[one][kbits] // RATES[head[1] >> 3 & 3][rate] + (head[2] >> 1 & 1)


def _next(data, start, end):
    """The first byte from `start` on where a frame begins, if another frame or the file's end follows it; or None."""
    for match in re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]").finditer(data, start, end):
        at = match.start()
        if at + 4 <= len(data) and (size := _size(data[at : at + 4])):
            behind = data[at + size : at + size + 4]
            if at + size == len(data) or (len(behind) == 4 and behind[1] | 1 == data[at + 1] | 1 and _size(behind)):
                return at
    return None


def _xing(data, start):
    """(frames that the first frame promises, None if it does not; the byte where sound begins)."""
    head = data[start : start + 4]
    at = start + 4 + SIDE[_is_1(head[1]), head[3] >> 6 == 3]
    behind = start + _size(head)
    if data[at : at + 4] in (b"Xing", b"Info") and at + 12 <= len(data):
        flags, frames = struct.unpack(">II", data[at + 4 : at + 12])
        return (frames if flags & 1 and frames else None), behind
    return (None, behind) if data[start + 36 : start + 40] == b"VBRI" else (None, start)

"""Checks that a file is whole, since libsndfile reads what is there and does not say that something is missing."""

import re
import struct

from cer.base.errors import BadInput
from cer.sound.riff import is_open

WAVE64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
PAGE = 27 + 255 + 255 * 255  # bytes of the largest page of an Ogg file
BYTES = {"PCM_S8": 1, "PCM_U8": 1, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8, "ULAW": 1, "ALAW": 1}
FAR = 1 << 60  # bytes: no file is so long
FIRST, LAST = 2, 4  # flags: a stream begins, or ends, on this page


def check(file, size, name, sound, say):
    """Raise BadInput if a file of AIFF, 8SVX, AU, CAF, Wave64, NIST SPHERE, AVR or Ogg is truncated.

    file: binary, seekable; size: its bytes; name: for messages; sound: libsndfile's SoundFile of it, None when it could
    not open it; say: takes warnings. Returns how many samples the sound has, which need not be all of the file, or None
    where the head does not say it.
    """
    file.seek(0)
    head = file.read(64).ljust(64, b"\0")
    if head[:4] == b"OggS":
        return _check_ogg(file, size, name)
    begin, promised = _promise(file, head) or (0, 0)
    if is_open(promised, 64 if head[:4] in (b"riff", b"caff") else 32):
        return None
    left = size - begin
    if promised <= 0 or left <= 0:
        return None
    width = BYTES.get(sound.subtype, 0) * sound.channels if sound else 0
    if promised - left >= max(1, width):
        found = (
            f"{promised // width} samples promised, {left // width}" if width else f"{promised} bytes promised, {left}"
        )
        raise BadInput(f"{name}: truncated: {found} found; copy it again")
    if promised > left:
        say(f"{name}: {promised} bytes of sound promised, {left} found; the whole frames of {width} are read")
    return min(promised, left) // width if width else None


def _promise(file, head):
    """(byte where the sound begins, its size in bytes as the head says); None where the head does not say it."""
    if head[:4] == b"FORM":
        return _chunk(file, 12, ">4sI", {b"SSND": 8, b"BODY": 0})
    if head[:4] == b"caff":
        return _chunk(file, 8, ">4sq", {b"data": 4}, align=1)
    if head[:4] == b"riff":
        return _chunk(file, 40, "<16sQ", {WAVE64_DATA: 0}, align=8, whole=True)
    if head[:4] in (b".snd", b"dns."):
        return struct.unpack(">II" if head[0] == ord(".") else "<II", head[4:12])
    if head[:4] == b"2BIT":
        width = (1 + (head[12] == 0xFF)) * struct.unpack(">H", head[14:16])[0] // 8
        return 128, width * struct.unpack(">I", head[26:30])[0]
    return _nist(file) if head[:7] == b"NIST_1A" else None


def _chunk(file, at, form, wanted, align=2, whole=False):
    """Find one of the `wanted` chunks (name -> bytes in front of its sound): (byte where sound begins, its size).

    whole: sizes include the chunk's own head.
    """
    length = struct.calcsize(form)
    file.seek(at)
    while len(head := file.read(length)) == length:
        name, size = struct.unpack(form, head)
        at, size = at + length, size - length * whole
        if size < 0:  # -1: CAF's for unknown
            return None
        if name in wanted:
            front = wanted[name] + (int.from_bytes(file.read(4)) if name == b"SSND" else 0)  # AIFF says where it begins
            return at + front, size - front
        at += size + -size % align
        if at > FAR:
            return None
        file.seek(at)
    return None


def _nist(file):
    file.seek(0)
    lines = file.read(1024).decode("latin-1").splitlines()
    fields = {words[0]: words[2] for line in lines if len(words := line.split(None, 2)) == 3}
    if "embedded" in fields.get("sample_coding", ""):  # packed by shorten: its size is not known
        return None
    try:
        count, width = int(fields["sample_count"]), int(fields["sample_n_bytes"])
        return int(lines[1]), count * width * int(fields.get("channel_count", 1))
    except (KeyError, ValueError, IndexError):
        return None


def _check_ogg(file, size, name):
    """The last page must be whole and say that the stream ends."""
    begin = max(0, size - 2 * PAGE)
    file.seek(begin)
    tail = file.read(size - begin)
    at = tail.rfind(b"OggS")
    header = tail[at : at + 27]
    whole = len(header) == 27 and len(tail) >= at + 27 + header[26] + sum(tail[at + 27 : at + 27 + header[26]])
    if at < 0 or not whole or not header[5] & LAST:
        raise BadInput(f"{name}: truncated: its last page is cut, or does not end the stream; copy it again")
    flags = _flags(file)
    beginnings = [n for n, flag in enumerate(flags) if flag & FIRST]
    if beginnings != [*range(len(beginnings))]:
        raise BadInput(
            f"{name}: holds several streams, one after the other, of which libsndfile reads the first; join them:"
            " ffmpeg -i IN OUT.wav"
        )


def _flags(file):
    """The flags of each page of an Ogg file, as bytes."""
    file.seek(0)
    flags, rest = [], b""
    while block := file.read(1 << 24):
        rest += block
        flags += re.findall(rb"OggS\0(.)", rest, re.DOTALL)
        rest = rest[-5:]
    return b"".join(flags)

"""Checks that a file is whole, since libsndfile reads what is there and does not say that something is missing."""

import struct
import zlib

from cer.base.errors import BadInput
from cer.sound.riff import is_name, is_open

WAVE64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))  # each byte with its bits in the opposite order
BYTES = {"PCM_S8": 1, "PCM_U8": 1, "PCM_16": 2, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8, "ULAW": 1, "ALAW": 1}
CHUNKS = {
    b"FORM": (">4sI", 2, 0),
    b"caff": (">4sq", 1, 0),
    b"riff": ("<16sQ", 8, 24),
}  # head, alignment, head in its size
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
        _check_ogg(file, size, name)
        return None
    begin, promised = _promise(file, head) or (0, 0)
    if is_open(promised, 64 if head[:4] in (b"riff", b"caff") else 32):
        return None
    left = size - begin
    if promised <= 0 or left <= 0:
        return None
    if promised < left and not _goes_on(file, begin + promised, size, head[:4]):
        say(
            f"{name}: {left - promised} bytes after the sound are not read; if they are sound, its size in the header"
            f" ({promised}) is wrong"
        )
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
        if size < 0:  # CAF writes -1 for an unknown size
            return None
        if name in wanted:
            front = wanted[name] + (int.from_bytes(file.read(4)) if name == b"SSND" else 0)  # AIFF says where it begins
            return at + front, size - front
        at += size + -size % align
        if at > FAR:
            return None
        file.seek(at)
    return None


def _goes_on(file, at, size, kind):
    """Whether a chunk follows the sound, which ends at byte `at`, or a tag, or no more than padding."""
    form, align, own = CHUNKS.get(kind, ("", 1, 0))
    file.seek(at)
    found = file.read(align + 24)
    if found[:3] in (b"TAG", b"ID3") or (len(found) < 8 and not found.strip(b"\0")):
        return True
    head, at = found[-at % align :][: struct.calcsize(form)], at + -at % align
    if not form or len(head) < struct.calcsize(form):
        return False
    name, promised = struct.unpack(form, head)
    return is_name(name[:4]) and 0 <= promised - own <= size - at - len(head)


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
    """Each page must have the checksum that it says: libsndfile passes over others. The last one must end a stream."""
    at, flags = 0, []
    while True:
        file.seek(at)
        head = file.read(27)
        lacing = file.read(head[26]) if head[:5] == b"OggS\0" and len(head) == 27 else None
        if lacing is None or len(lacing) < head[26] or at + 27 + len(lacing) + sum(lacing) > size:
            break
        page = head + lacing + file.read(sum(lacing))
        if _checksum(page[:22] + bytes(4) + page[26:]) != page[22:26]:
            raise BadInput(f"{name}: damaged: the page at byte {at} has a wrong checksum; copy it again")
        at += len(page)
        flags.append(page[5])
    if head[:4] == b"OggS" or not flags or not flags[-1] & LAST:
        raise BadInput(f"{name}: truncated: its last page is cut, or does not end the stream; copy it again")
    beginnings = [n for n, flag in enumerate(flags) if flag & FIRST]
    if beginnings != [*range(len(beginnings))]:
        raise BadInput(
            f"{name}: holds several streams, one after the other, of which libsndfile reads the first; join them:"
            " ffmpeg -i IN OUT.wav"
        )


def _checksum(page):
    """Ogg's: CRC-32 as zlib's, but of the bits in the opposite order, and from 0 on."""
    crc = zlib.crc32(page.translate(REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return crc.to_bytes(4).translate(REVERSED)

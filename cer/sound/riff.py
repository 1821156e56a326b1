"""Reads RIFF files (wav) from files, archives, pipes and live streams, with one rule about sizes.

The size of the data chunk is believed, unless it is one of those that stand for "unknown" (is_open): then the sound
goes on to the end. The size after RIFF is never believed, nor is a fact chunk. Less sound than promised is an error;
more of it, or half a frame at the end, is a warning. Chunks after the sound are not sound.

    RIFF size WAVE | fmt size ... | LIST size ... | data size samples ... | LIST size ...      odd sizes: a pad byte
"""

import os
import re
import struct

from cer.base.errors import BadInput, warn
from cer.sound import pcm
from cer.sound.sniff import ENOUGH, begins

PIECE = 1 << 20  # bytes read at once
CHUNKS = frozenset(  # that programs write: if none of these follows an empty data chunk, sound does
    b"fmt ,data,LIST,list,INFO,bext,iXML,axml,aXML,JUNK,junk,FLLR,PAD ,PEAK,fact,cue ,plst,smpl,inst,note,labl,ltxt,"
    b"id3 ,ID3 ,_PMX,afsp,cart,levl,umid,chna,regn,acid,strc,SNDM,LGWV,DISP,wavl,slnt,ds64,MD5 ,wamd,guan".split(b",")
)
CURES = {  # kind of source -> what to do about a truncated one
    "file": "copy it again, or keep what is there: sox --ignore-length IN OUT.wav",
    "archive": "make the archive again",
    "pipe": "the command stopped early, or puts a wrong size into the header",
    "stream": "what writes it stopped early, or puts a wrong size into the header",
}


def is_open(size, bits=32):
    """Whether a data chunk's size stands for "unknown": put there by a program that could not know it.

    0: never filled in (recorders that were switched off; Kaldi's stream mode); the largest number of 32 bits (-1:
    ffmpeg into a pipe), of 31 bits (Oboe, sox: 0x7FFFF000) or 0x80000000 (arecord), or up to 64 KiB less: some take off
    the head, some round down to whole blocks. bits: 64 for the sizes of RF64.
    """
    top = 1 << bits
    return size == 0 or size >= top - (1 << 16) or top // 2 - (1 << 16) <= size <= top // 2


class Riff:
    """A RIFF file, read once, from its beginning on: its `kind`, `form` and `size`, then blocks().

    size: bytes of sound as promised; None: to the end. frames: samples of each channel that are there (of a format that
    packs samples, blocks); None: not known.
    """

    def __init__(self, file, name, total=None, *, kind="file", say=warn):
        """Read up to the first sample.

        file: binary, at the RIFF; has read() and read1(). name: for messages. total: bytes from here to the end; None
        for a stream. kind: "file", "archive" (something else may follow), "pipe" (of a command) or "stream".
        say: takes warnings. Raises BadInput.
        """
        self._file, self.name, self._total, self.kind, self._say = file, name, total, kind, say
        self._cure = CURES[kind]
        self._ahead, self.at, self.form, self._ds64 = b"", 0, None, None  # at: bytes read so far
        first = self._peek(ENOUGH)
        self._skip_tags()
        head = self._peek(ENOUGH) or first
        self.magic = self._read(12)[:4]
        if self.magic not in (b"RIFF", b"RIFX", b"RF64", b"BW64") or head[8:12] != b"WAVE":
            convert = pcm.STREAM if kind == "stream" else pcm.CONVERT
            raise BadInput(f"{name}: {begins(head)}; expected a wav file; convert others: {convert}")
        self.order = ">" if self.magic == b"RIFX" else "<"
        self.size = self._find_sound()
        form = self.form
        if form.subtype and form.bytes_per_second not in (0, form.rate * form.width):
            say(f"{name}: {form.bytes_per_second} bytes a second cannot be right at {form.rate} Hz; ignored")
        known = [size for size in (self.size, self._left()) if size is not None]
        self.frames = min(known) // form.width if known else None
        if self.frames == 0:
            raise BadInput(f"{name}: holds no samples")

    def blocks(self, at_once=PIECE):
        """Yield the sound as bytes, whole frames as soon as they are there; then tell what is missing or left over.

        Raises BadInput when a frame or more is missing, or there is none.
        """
        rest, found, width = b"", 0, self.form.width
        while self.size is None or found < self.size:
            data = self._some(at_once if self.size is None else min(at_once, self.size - found))
            if not data:
                break
            found, data = found + len(data), rest + data
            whole = len(data) - len(data) % width
            rest = data[whole:]
            if whole:
                yield data[:whole]
        self._end(found)

    def pass_over(self):
        """Frames of the sound, which is not read: as blocks() finds them, with its errors and warnings.

        Only for a file that can seek, and whose end is known (`total`).
        """
        left = self._left()
        found = left if self.size is None else min(self.size, left)
        self._file.seek(found - len(self._ahead), os.SEEK_CUR)
        self._ahead, self.at = b"", self.at + found
        self._end(found)
        return found // self.form.width

    def _end(self, found):
        """At the end of the sound, after `found` bytes of it: tell what is missing or left over."""
        width, promised = self.form.width, found if self.size is None else self.size
        self._check_size(promised, found)
        if found < width:
            raise BadInput(f"{self.name}: holds no samples")
        if found % width or promised != found:
            self._say(
                f"{self.name}: {promised} bytes of sound promised, {found} found; the whole frames of {width} are read"
            )
        if found == self.size and self.kind != "archive":
            self._look_behind()

    def decode(self, data):
        """Samples (N, channels) of bytes from blocks(): int16, or float32 in the range of 16-bit integers."""
        return pcm.decode(data, self.form, self.order)

    # Reading

    def _read(self, size):
        data, self._ahead = self._ahead[:size], self._ahead[size:]
        if len(data) < size:
            data += self._file.read(size - len(data))
        self.at += len(data)
        return data

    def _peek(self, size):
        if len(self._ahead) < size:
            self._ahead += self._file.read(size - len(self._ahead))
        return self._ahead[:size]

    def _some(self, size):
        """Up to `size` bytes, as soon as there are some; none at the end."""
        if self._ahead:
            return self._read(min(size, len(self._ahead)))
        data = self._file.read1(size)
        self.at += len(data)
        return data

    def _skip(self, size):
        while size and (data := self._read(min(size, PIECE))):
            size -= len(data)

    def _left(self):
        return None if self._total is None else max(0, self._total - self.at)

    def _skip_tags(self):
        """ID3 tags, which some programs put in front of any file."""
        while self._peek(3) == b"ID3":
            head = self._read(10)
            self._skip(id3_size(head) - 10)

    def _skip_pad(self, size):
        """The byte that fills up a chunk of odd size; some programs forget it."""
        if size % 2 and (ahead := self._peek(5)):
            forgotten = ahead[:4] in CHUNKS or (is_name(ahead[:4]) and ahead[1:] not in CHUNKS)
            self._skip(0 if forgotten else 1)

    # Chunks

    def _find_sound(self):
        """Walk the chunks up to the first sample; returns its size in bytes, None if it goes on to the end."""
        last, empty = "", False
        while len(head := self._read(8)) == 8:
            chunk, size = struct.unpack(f"{self.order}4sI", head)
            if chunk == b"data":
                if self.form is None:
                    raise BadInput(f"{self.name}: its data chunk stands before its format chunk; write it anew")
                empty = size == 0 and (not self._peek(1) or self._peek(4) in CHUNKS)
                if not empty:
                    return self._size_of_sound(size)
            last = f" (its chunk {chunk!r} promises {size})"
            content = self._read(min(size, PIECE)) if chunk in (b"fmt ", b"ds64") else b""
            if chunk == b"fmt " and not self.form:  # of several, the first one counts, as in Kaldi
                self.form = pcm.read_form(content, self.order, self.name)
            elif chunk == b"ds64" and len(content) >= 16:
                self._ds64 = struct.unpack("<Q", content[8:16])[0]
            self._skip(size - len(content))
            self._skip_pad(size)
        if empty:
            raise BadInput(f"{self.name}: holds no samples")
        raise BadInput(
            f"{self.name}: truncated: it ends after {self.at} bytes without its data chunk{last}; {self._cure}"
        )

    def _size_of_sound(self, size):
        bits, left = 32, self._left()
        if size == 0xFFFFFFFF and self._ds64 is not None:
            size, bits = self._ds64, 64
        if is_open(size, bits) and (left is None or size == 0 or size > left):
            if size == 0 or self.kind in ("file", "archive"):  # in a pipe the length is unknown
                size = size and hex(size)
                self._say(f"{self.name}: its header does not say how long it is (data size {size}); read to its end")
            return None
        if left is not None:
            self._check_size(size, left)
        return size

    def _check_size(self, size, found):
        width, unit = self.form.width, "samples" if self.form.subtype else "blocks"
        if size - found >= width:
            raise BadInput(
                f"{self.name}: truncated: {size // width} {unit} promised, {found // width} found; {self._cure}"
            )

    def _look_behind(self):
        """Chunks may follow the sound; anything else means that the size in the head is wrong."""
        self._skip_pad(self.size)
        while head := self._read(8):
            if head[:3] == b"TAG" or head[:3] == b"ID3":  # a tag, as MP3 files have it
                return
            chunk, size = struct.unpack(f"{self.order}4sI", head.ljust(8, b"\0"))
            left = self._left()
            if len(head) < 8 or not is_name(chunk) or (left is not None and size > left):
                behind = "bytes" if left is None else f"{left + len(head)} bytes"
                self._say(
                    f"{self.name}: {behind} after the sound are no chunk, and not read; if they are sound, its size in"
                    f" the header ({self.size}) is wrong: sox --ignore-length IN OUT.wav"
                )
                return
            if chunk == b"data" and size:
                self._say(f"{self.name}: a second data chunk of {size} bytes is not read; the first has {self.size}")
            self._skip(size)
            self._skip_pad(size)


def is_name(chunk):
    """Whether four bytes can be the name of a chunk."""
    return re.fullmatch(rb"[ -~]{4}", chunk) is not None


def id3_size(head):
    """Bytes of the ID3v2 tag that begins with these 10."""
    if len(head) < 10:
        return 10
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if head[5] & 0x10 else 0)

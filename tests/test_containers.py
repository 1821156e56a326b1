"""Heads made by hand, from each format's definition: where the sound begins, and how long it should be."""

import io
import struct
from types import SimpleNamespace

import pytest

from cer.base.errors import BadInput
from cer.sound.containers import check

SOUND = bytes(240)  # 120 samples of 16 bits


def aiff(size, *front, name=b"SSND", head=bytes(8)):
    """Before the sound: how far behind these eight bytes it begins, and a size of blocks."""
    chunks = [*front, name + struct.pack(">I", size + len(head)) + head]
    return b"FORM" + bytes(4) + b"AIFF" + b"".join(chunks)


def caf(size, *front):
    """Sizes of 64 bits; nothing follows a chunk of odd size; four bytes of an edit count precede the sound."""
    return b"caff\0\1\0\0" + b"".join(front) + struct.pack(">4sqI", b"data", size + 4 if size >= 0 else size, 7)


def wave64(size, *front):
    """Names of 16 bytes, sizes that include 24 bytes of head, chunks begin at multiples of 8 bytes."""
    guid = bytes.fromhex("f3acd3118cd100c04f8edb8a")
    head = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000") + bytes(8) + b"wave" + guid
    return head + b"".join(front) + b"data" + guid + struct.pack("<Q", size + 24)


def avr(frames, bits, mono):
    return struct.pack(">4s8sHHHHHII", b"2BIT", b"name", 0 if mono else 0xFFFF, bits, 1, 0, 0, 16000, frames).ljust(128)


def nist(*fields, head=1024):
    return "\n".join(["NIST_1A", f"   {head}", *fields, "end_head", ""]).encode().ljust(head)


LONG = "sample_count -i 120", "sample_n_bytes -i 2"
HEADS = {  # of 240 bytes of sound
    "AIFF": aiff(240),
    "AIFF, another chunk in front": aiff(240, b"NAME" + struct.pack(">I", 4) + b"Anna"),
    "AIFF, one of odd size": aiff(240, b"NAME" + struct.pack(">I", 3) + b"Ida\0"),
    "AIFF, whose sound begins at a block": aiff(240, head=struct.pack(">II", 5, 512) + b"start"),
    "8SVX": aiff(240, name=b"BODY", head=b""),
    "CAF": caf(240),
    "CAF, a chunk of odd size in front": caf(240, struct.pack(">4sq", b"free", 5) + bytes(5)),
    "Wave64": wave64(240),
    "Wave64, another chunk in front": wave64(240, b"fact" + bytes(12) + struct.pack("<Q", 24 + 13) + bytes(16)),
    "AU": struct.pack(">4sIIIII", b".snd", 28, 240, 3, 16000, 1).ljust(28),
    "AU, little-endian": struct.pack("<4sIIIII", b"dns.", 24, 240, 3, 16000, 1),
    "AVR, 8 bits": avr(240, 8, True),
    "AVR, 16 bits": avr(120, 16, True),
    "AVR, two channels": avr(60, 16, False),
    "NIST": nist(*LONG, "sample_coding -s3 pcm"),
    "NIST, two channels": nist("sample_count -i 60", LONG[1], "channel_count -i 2"),
    "NIST, a long head": nist(*LONG, "note -s3 one two", "odd", head=2048),
}


def checked(content, sound="PCM_16", channels=1):
    """What check() returns for a file, and what it says."""
    said = []
    about = SimpleNamespace(subtype=sound, channels=channels) if sound else None
    file = io.BytesIO(content)
    file.seek(3)  # wherever libsndfile left it
    return check(file, len(content), "a.x", about, said.append), said


@pytest.mark.parametrize("name", HEADS)
def test_samples_are_counted_from_the_first_byte_of_sound(name):
    head = HEADS[name]
    assert checked(head + SOUND) == (120, [])
    left = "a.x: 12 bytes after the sound are not read; if they are sound, its size in the header (240) is wrong"
    assert checked(head + SOUND + b"what follows") == (120, [left])
    assert checked(head + SOUND + b"TAG" + bytes(125)) == (120, [])
    assert checked(head + SOUND, channels=2) == (60, []) and checked(head + SOUND, "DOUBLE", 3) == (10, [])
    assert checked(head + SOUND, None) == checked(head + SOUND, "VORBIS") == (None, [])
    said = "a.x: 240 bytes of sound promised, 239 found; the whole frames of 2 are read"
    assert checked(head + SOUND[:-1]) == (119, [said])
    with pytest.raises(BadInput, match="^a.x: truncated: 120 samples promised, 119 found; copy it again$"):
        checked(head + SOUND[:-2])
    with pytest.raises(BadInput, match="^a.x: truncated: 240 bytes promised, 239 found; copy it again$"):
        checked(head + SOUND[:-1], None)
    assert checked(head) == (None, [])  # libsndfile says so itself


@pytest.mark.parametrize(
    "head, chunk",
    [
        (aiff(240), b"NAME" + struct.pack(">I", 4) + b"Anna"),
        (caf(240), struct.pack(">4sq", b"free", 5) + bytes(5)),
        (wave64(240), bytes(-len(wave64(240)) % 8) + b"fact" + bytes(12) + struct.pack("<Q", 24 + 8) + bytes(8)),
    ],
    ids=["AIFF", "CAF", "Wave64"],
)
def test_chunks_behind_the_sound_are_no_left_over_sound(head, chunk):
    assert checked(head + SOUND + chunk) == (120, [])
    assert len(checked(head + SOUND + chunk[:-4])[1]) == 1


@pytest.mark.parametrize("bits", [32, 40])
def test_only_heads_of_64_bits_can_promise_4_gib(bits):
    many = (1 << bits) - 2
    for head in (caf(many), wave64(many)):
        with pytest.raises(BadInput, match=f"truncated: {many // 2} samples promised, 120 found"):
            checked(head + SOUND)
    assert checked(aiff(0xFFFFFFFF - 8) + SOUND) == (None, [])  # left open


NO_LENGTH = {
    "unknown by the definition": caf(-1),
    "unknown in front": caf(240, struct.pack(">4sq", b"free", -1)),
    "beyond any file": caf(240, struct.pack(">4sq", b"free", 1 << 62)),
    "beyond this file": aiff(240, b"NAME" + struct.pack(">I", 1 << 20)),
    "never filled in": wave64(0),
    "less than its own head": wave64(-1),
    "packed": nist(*LONG, "sample_coding -s26 pcm,embedded-shorten-v2.00"),
    "no width": nist(LONG[0]),
    "no number": nist("sample_count -i many", LONG[1]),
    "one line": b"NIST_1A",
    "two lines": b"NIST_1A\n1024",
    "another format": b"no head of ours",
    "nothing": b"",
}


@pytest.mark.parametrize("name", NO_LENGTH)
def test_heads_that_do_not_say_a_length_are_no_reason_to_refuse(name):
    assert checked(NO_LENGTH[name] + SOUND) == (None, [])


def page(flags, size=300):
    """A page of an Ogg file: its packets' lengths in bytes of up to 255 each."""
    lacing = [255] * (size // 255) + [size % 255]
    page = b"OggS\0" + bytes([flags]) + bytes(20) + bytes([len(lacing), *lacing]) + bytes(size)
    return page[:22] + _crc(page).to_bytes(4, "little") + page[26:]


def _crc(page):
    """The checksum of a page as RFC 3533 defines it, bit by bit."""
    register = 0
    for byte in page:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register >> 31 else 0)) & 0xFFFFFFFF
    return register


FIRST, MORE, LAST, CONTINUED = 2, 0, 4, 1  # of the definition, RFC 3533
WHOLE = [
    [FIRST | LAST],
    [FIRST, MORE, LAST],
    [FIRST, CONTINUED, LAST | CONTINUED],
    [FIRST, FIRST, MORE, LAST, LAST],  # streams side by side
]


@pytest.mark.parametrize("pages", WHOLE, ids=str)
def test_an_ogg_file_is_whole_if_its_last_page_is_and_ends_a_stream(pages):
    content = b"".join(map(page, pages))
    assert checked(content) == checked(content + b"a tag") == (None, [])
    for part in (content[:-1], content[:-300], content[: 10 - 329], content + page(MORE)):
        with pytest.raises(BadInput, match="^a.x: truncated: its last page is cut, or does not end the stream; copy"):
            checked(part)


@pytest.mark.parametrize("pages", [[FIRST, LAST, FIRST, LAST], [MORE, FIRST, LAST]], ids=str)
def test_ogg_streams_one_after_the_other_are_refused(pages):
    with pytest.raises(BadInput, match="holds several streams, one after the other, of which libsndfile reads the f"):
        checked(b"".join(map(page, pages)))


@pytest.mark.parametrize("at", [5, 14, 22, 60, 329 + 26, 329 + 300], ids=str)
def test_a_damaged_page_of_an_ogg_file_is_named(at):
    content = bytearray(page(FIRST) + page(MORE) + page(LAST))
    content[at] ^= 0x10
    with pytest.raises(BadInput, match="^a.x: (damaged: the page at byte (0|329) has a wrong checksum|truncated)"):
        checked(bytes(content))

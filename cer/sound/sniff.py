"""What a file begins with, in words: for messages about files that are no sound, or not the kind that is wanted."""

import re

MAGIC = {  # pattern of the first bytes -> what it is, and what to do
    rb"\Z": "empty (0 bytes)",
    rb"\0+\Z": "zeros where its head should be (a copy that was set up, but not filled); copy it again",
    rb"(\xef\xbb\xbf)?\s*<(!DOCTYPE|html|head|\?xml|!--)": "a web page or XML, no sound; download it again",
    rb"version https://git-lfs": "a pointer of Git LFS, not the file itself; run git lfs pull",
    rb"\s*[{\[]\s*\"": "JSON, no sound; download it again",
    rb"RIFF....AVI ": "an AVI video; take its sound: ffmpeg -i IN OUT.wav",
    rb"RI(FF|FX)....WAVE|RF64....WAVE|BW64....WAVE": "a wav file",
    rb"fLaC": "a FLAC file",
    rb"OggS": "an Ogg file",
    rb"\xff\xfe|\xfe\xff": "text in UTF-16, no sound",
    rb"\xff[\xf0\xf1\xf8\xf9]": "an AAC file; convert it: ffmpeg -i IN OUT.wav",
    rb"ID3|\xff[\xe2-\xe7\xf2-\xf7\xfa-\xfd]": "an MP3 file",
    rb"FORM....AIF[FC]": "an AIFF file",
    rb"\.snd|dns\.": "an AU file",
    rb"caff": "a CAF file",
    rb"riff\x2e\x91": "a Wave64 file",
    rb"NIST_1A": "a NIST SPHERE file",
    rb"....ftyp": "an MP4 or M4A file; convert it: ffmpeg -i IN OUT.wav",
    rb"\x1aE\xdf\xa3": "a Matroska or WebM file; convert it: ffmpeg -i IN OUT.wav",
    rb"\x30\x26\xb2\x75": "a Windows Media file; convert it: ffmpeg -i IN OUT.wav",
    rb"#!AMR": "an AMR file; convert it: ffmpeg -i IN OUT.wav",
    rb"MAC |wvPK|MPCK|TTA1": "a file of a codec that libsndfile does not read; convert it: ffmpeg -i IN OUT.wav",
    rb"PK\x03\x04|\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|Rar!": "a packed file; unpack it first",
    rb"%PDF": "a PDF document, no sound",
    rb"\0\x05\x16\x07": "a companion file that macOS leaves beside each file (._NAME), no sound; remove it",
    rb"[\t\n\r -~]+\Z": "text, no sound",
}  # fmt: skip
ENOUGH = 64  # bytes of a head


def looks_like(head):
    """What a file with these first bytes (ENOUGH of them, or all there are) is: words, with what to do if it helps."""
    for pattern, words in MAGIC.items():
        if re.match(pattern, head, re.DOTALL | re.IGNORECASE):
            return words
    return "none of the kinds known here"


def begins(head):
    """The first bytes for a message: begins with b'...' (what it looks like)."""
    return f"begins with {head[:16]!r}: {looks_like(head)}" if head else looks_like(head)

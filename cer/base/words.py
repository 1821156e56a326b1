"""Words of messages, and of names that people gave."""

import unicodedata


def counted(number, noun):
    """A number of things in words: "1 recording", "2 recordings"; noun: of one, with a plural in -s."""
    return f"{number} {noun}{'s' * (number != 1)}"


def reach(numbers):
    """The lowest and the highest of some numbers in words: "1 to 5", or "5" if they are one."""
    return " to ".join(str(number) for number in sorted({min(numbers), max(numbers)}))


def composed(text):
    """A text with each letter in one character (NFC): ö, which some systems write into names as o and two dots."""
    return unicodedata.normalize("NFC", text)

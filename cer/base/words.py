"""Words of messages."""


def counted(number, noun):
    """A number of things in words: "1 recording", "2 recordings"; noun: of one, with a plural in -s."""
    return f"{number} {noun}{'s' * (number != 1)}"

"""Reads our JSON files, and checks their values: others may have cut, changed or written them.

A shape says what a JSON value must be:

    Count, float, Name ...               of this kind (cer/base/kinds.py)
    None, or a tuple of shapes           null; one of these
    Listed(shape, least, most)           a list of `least` to `most` such values
    {"name": shape, "other?": shape}     an object with the first field, perhaps the second; more fields are let through
    Exactly({...})                       the same without any other field
    {...: shape}                         an object: any name -> such a value
    Such(shape, holds, words)            one for which holds(value) is true; words: what that means, for people
"""

import dataclasses
import inspect
import json

from cer.base import kinds
from cer.base.errors import BadInput
from cer.base.files import read_text


class Exactly(dict):
    """The shape of an object that has no other fields."""


class Listed:
    """The shape of a list."""

    def __init__(self, shape, least=0, most=float("inf")):
        self.shape, self.least, self.most = shape, least, most


class Such:
    """The shape of values that meet a condition; holds: function of a value that has the shape."""

    def __init__(self, shape, holds, words):
        self.shape, self.holds, self.words = shape, holds, words


def of(function):
    """The shape of the keywords of a function, or of a dataclass's fields; those with a default may be missing."""
    keywords = inspect.signature(function).parameters.values()
    if not dataclasses.is_dataclass(function):
        keywords = [p for p in keywords if p.kind is p.KEYWORD_ONLY]
    return Exactly({p.name if p.default is p.empty else f"{p.name}?": p.annotation for p in keywords})


def read(path, shape, cure):
    """The value in a JSON file. Raises BadInput, naming file and field, when it is not of this shape; cure: what to do.

    NaN and Infinity, which are not JSON, are refused, and objects with two fields of one name.
    """
    text = read_text(path, cure)
    try:
        value = json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:  # no file could be written with this text
        raise BadInput(f"{path}: found {error.object[error.start]!r}, half of a character; {cure}") from None
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{path}: is not JSON ({error}); {cure}") from None
    check(value, shape, path, cure)
    return value


def _object(fields):
    """An object; fields: (name, value) each."""
    value = dict(fields)
    if len(value) < len(fields):
        names = [name for name, _ in fields]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"found the field {kinds.shown(twice)} twice in an object")
    return value


def _refuse(word):
    raise ValueError(f"found {word}, which is no number")


def check(value, shape, path, cure, place=""):
    """Raise BadInput unless a value is of this shape; path: its file; place: where in it."""
    where = f"{path}: {place}" if place else path
    if isinstance(shape, Such):
        check(value, shape.shape, path, cure, place)
        if not shape.holds(value):
            raise BadInput(f"{where}: found {kinds.shown(value)}, expected {shape.words}; {cure}")
        return
    if not _is_one(value, shape):
        raise BadInput(f"{where}: found {kinds.shown(value)}, expected {_words(shape)}; {cure}")
    if isinstance(shape, tuple):
        shape = next(one for one in shape if _is_one(value, one))
    if isinstance(shape, Listed):
        for number, one in enumerate(value):
            check(one, shape.shape, path, cure, f"{place}[{number}]")
    elif isinstance(shape, dict):
        for name, one, inner in _fields(value, shape, where, cure):
            check(one, inner, path, cure, f"{place}.{name}" if place else name)


def _fields(value, shape, where, cure):
    """(name, value, shape) of the fields that an object has. Raises BadInput for missing and unexpected ones."""
    if ... in shape:
        return [(name, one, shape[...]) for name, one in value.items()]
    needed = {name for name in shape if not name.endswith("?")}
    if missing := sorted(needed - value.keys()):
        raise BadInput(f"{where}: found no {', '.join(missing)}; {cure}")
    known = {name.removesuffix("?"): inner for name, inner in shape.items()}
    if isinstance(shape, Exactly) and (others := sorted(value.keys() - known.keys())):
        raise BadInput(
            f"{where}: found {', '.join(map(kinds.shown, others))}, expected {', '.join(known) or 'no fields'}; {cure}"
        )
    return [(name, value[name], inner) for name, inner in known.items() if name in value]


def _is_one(value, shape):
    """Whether a value is what the shape says, apart from what is inside it."""
    if shape is None:
        return value is None
    if isinstance(shape, tuple):
        return any(_is_one(value, one) for one in shape)
    if isinstance(shape, Listed):
        return isinstance(value, list) and shape.least <= len(value) <= shape.most
    return isinstance(value, dict) if isinstance(shape, dict) else kinds.fits(shape, value)


def _words(shape):
    if isinstance(shape, tuple):
        return " or ".join(map(_words, shape))
    if isinstance(shape, Listed):
        some = "" if shape.least == 0 else f" of {shape.least}" + ("" if shape.most == shape.least else " or more")
        return f"a list{some}"
    if shape is None:
        return "null"
    return "an object" if isinstance(shape, dict) else kinds.words(shape)

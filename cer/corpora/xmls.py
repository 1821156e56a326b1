"""Reads XML files, of which nothing can act: a DOCTYPE could make a parser fetch files or fill the memory."""

from xml.etree import ElementTree

from cer.base import csvs
from cer.base.errors import BadInput
from cer.base.files import read_text


def read(path):
    """The root of an XML file, an Element. Raises BadInput for what is no XML, a DOCTYPE or entities."""
    for number, line in csvs.lines(path):
        if "<!DOCTYPE" in line or "<!ENTITY" in line:
            shown = line.strip()[:60]
            raise BadInput(f"{path}:{number}: found {shown!r}, expected no DOCTYPE and no entities; remove it")
    try:
        return ElementTree.fromstring(read_text(path))
    except ElementTree.ParseError as error:
        raise BadInput(f"{path}:{error.position[0]}: is no XML ({error}); is the file whole?") from None

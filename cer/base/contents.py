"""Checksums of contents: of files, of the files that a table names, and of a program with all that it imports.

A large file is read again only if its size, times or inode have changed since it was last read, as in Git's index.
"""

import ast
import contextlib
import errno
import hashlib
import os
import re
import shlex
import stat
import time
from pathlib import Path

from cer.base.errors import BadInput
from cer.base.files import real
from cer.base.tables import Table, taken_apart

ROOT = real(__file__).parents[2]
INSTALLED = not (ROOT / "path.sh").exists()  # by pip: then other packages, such as torch, stand beside ours
SMALL = 2**20  # bytes up to which a file is always read
NOTES = ("seen ", "parsed ")  # how the lines begin that notes() adds to a stamp
NUMBERS = 5  # how many _status() gives
NO_FILE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG)  # errors that mean that there is no such file
PARTS = re.compile(r"[^\s|&;<>(){}'\"`=:,]+")  # of a command
SETTLED = 2.0  # s: a file that changed so shortly before it was read may change again without a trace

seen = {}  # path -> (what stat said, sha256) of large files that were read
parsed = {}  # path from the recipe's top -> (what stat said, checksum, paths that it imports) of Python files


ESCAPED = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", ":": r"\x3a"}


def escaped(path, colons=False):
    """A path as a stamp keeps it, in one line and without tabs; colons: these, too, are spelt out."""
    special = ESCAPED if colons else {name: text for name, text in ESCAPED.items() if name != ":"}
    text = "".join(special.get(letter, letter) for letter in str(path))
    return re.sub("[\udc80-\udcff]", lambda found: f"\\u{ord(found[0]):04x}", text)  # of names that are not UTF-8


def unescaped(text):
    """The path that escaped() was given."""
    if "\\" not in text:
        return text
    back = {spelt: letter for letter, spelt in ESCAPED.items()}
    spelt = "|".join(map(re.escape, back))
    return re.sub(rf"{spelt}|\\u([0-9a-f]{{4}})", lambda m: back.get(m[0]) or chr(int(m[1], 16)), text)


def _stat(path):
    """What the system knows of a file; None where there can be none."""
    try:
        return Path(path).stat()
    except ValueError:  # a NUL in the name
        return None
    except OSError as error:
        if error.errno not in NO_FILE:
            raise
        return None


def digest(path):
    """The SHA-256 of a file, as text; of a .conf file that of its options alone; `missing` where there is no file.

    Raises BadInput for a folder, a pipe and a device.
    """
    file, path, status = Path(path), str(path), _stat(path)
    if status is None:
        return "missing"
    if file.is_dir():
        raise BadInput(f"{path}: found a directory, expected a file; name the files in it that matter")
    if not (file.is_file() or path == os.devnull):  # reading might never end, or take what its reader needs
        raise BadInput(f"{path}: found a pipe or device, expected a file; write what comes from it into one first")
    if path.endswith(".conf"):
        return checksum(_words(file.read_bytes()))
    if status.st_size <= SMALL:
        return checksum(file.read_bytes())
    now = _status(status)
    if path in seen and seen[path][0] == now:
        return f"sha256 {seen[path][1]}"
    with file.open("rb") as content:
        found = hashlib.file_digest(content, "sha256").hexdigest()
    if _settled(status) and _status(file.stat()) == now:
        seen[path] = now, found
    return f"sha256 {found}"


def digest_now(path):
    """As digest(), of a path that a stamp names; "no file" if a folder, a pipe or a device is in the file's place."""
    try:
        return digest(path)
    except BadInput:
        return "no file"


def notes(paths, code):
    """What is remembered of files, as lines of a stamp: name -> value; code: paths of Python files from the top."""
    found = {f"seen {escaped(path)}": " ".join([*seen[path][0], seen[path][1]]) for path in sorted(paths & seen.keys())}
    for name in code:
        if name in parsed:
            status, its_checksum, imports = parsed[name]
            words = [*status, its_checksum.removeprefix("sha256 "), *(escaped(one) for one in imports)]
            found[f"parsed {escaped(name)}"] = "\t".join(words)
    return found


def remember(lines):
    """Remember what notes() wrote into a stamp, unless more is known already."""
    for name, value in lines.items():
        kind, _, path = name.partition(" ")
        if kind == "seen":
            *status, found = value.split(" ")
            seen.setdefault(unescaped(path), (status, found))
        else:
            words = value.split("\t")
            if len(words) > NUMBERS:  # else it is damaged
                imports = [unescaped(one) for one in words[NUMBERS + 1 :]]
                parsed.setdefault(unescaped(path), (words[:NUMBERS], f"sha256 {words[NUMBERS]}", imports))


def _status(status):
    return [str(n) for n in (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)]


def checksum(content):
    """The checksum of bytes, as stamps and model.json have it."""
    return f"sha256 {hashlib.sha256(content).hexdigest()}"


def _words(content):
    """A configuration's lines without comments, blank lines and white space around them."""
    lines = [line.partition(b"#")[0].strip() for line in content.split(b"\n")]
    return b"\n".join(line for line in lines if line)


def named_files(scp):
    """The files that an scp file names, each once: without `:offset` and `[range]`; also those that a command names."""
    paths = {path for row in Table(scp).rows for path in _named_by(row.value)}
    return sorted(path for path in paths if (status := _stat(path)) and stat.S_ISREG(status.st_mode))


def _named_by(value):
    """What may be paths in a value of an scp file; of a command, `sph2pipe -f wav a.sph |`, each word and its parts."""
    if not (value.startswith("|") or value.endswith("|")):
        return [taken_apart(value)[0]]
    with contextlib.suppress(ValueError):  # quotes without an end
        return [*shlex.split(value), *PARTS.findall(value)]
    return PARTS.findall(value)


def sources(programs):
    """The files of programs and all that they import of the recipe: path from its top -> Path, sorted.

    Raises BadInput for a program that is not there.
    """
    found, waiting = {}, [*map(real, programs)]
    while waiting:
        path = waiting.pop()
        if not path.is_file():
            raise BadInput(f"{path}: no such program")
        name = os.path.relpath(path, ROOT)
        if name not in found:
            found[name] = path
            imports = _parsed(path)[1] if path.suffix == ".py" else []
            waiting += [module for name in imports if (module := real(ROOT / name)).is_file()]
    return dict(sorted(found.items()))


def _parsed(path):
    """(checksum of the code, files that it imports) of a Python file, which is parsed only if its stat has changed."""
    name, status = os.path.relpath(path, ROOT), path.stat()
    if name in parsed and parsed[name][0] == _status(status):
        return parsed[name][1:]
    tree = ast.parse(path.read_bytes())
    imports = [os.path.relpath(module, ROOT) for module in dict.fromkeys(_imported(path, tree))]
    found = _code_of(tree), imports
    if _settled(status):
        parsed[name] = _status(status), *found
    return found


def _settled(status):
    return time.time() - max(status.st_mtime, status.st_ctime) >= SETTLED


def _statements(tree):
    """A tree and all statements in it, but not their expressions, which are most of it."""
    found = [tree]
    for node in found:  # the list grows meanwhile
        for part in ("body", "orelse", "finalbody", "handlers", "cases"):
            found += getattr(node, part, ())
    return found


def _imported(path, tree):
    """Paths of the modules that a file imports, of the package or beside it."""
    paths = []
    # Imports within functions of an __init__.py, such as cer.load_model, do not count: few importers call them.
    for node in tree.body if path.name == "__init__.py" else _statements(tree):
        if isinstance(node, ast.Import):
            names, tops = [alias.name for alias in node.names], [ROOT, path.parent]
        elif isinstance(node, ast.ImportFrom):
            names = [".".join(filter(None, [node.module, alias.name])) for alias in node.names]
            tops = [path.parents[node.level - 1]] if node.level else [ROOT, path.parent]
        else:
            continue
        paths += [module for name in names for top in tops for module in _modules(top, name.split("."))]
    return paths


def _modules(top, parts):
    """The files of a dotted name below a folder: of its packages, and of itself where it is a module."""
    files = []
    if INSTALLED and top == ROOT and parts[0] != "cer":
        return files
    for number in range(1, len(parts) + 1):
        stem = top.joinpath(*parts[:number])
        files += [path for path in (stem / "__init__.py", stem.with_name(f"{stem.name}.py")) if path.is_file()]
    return files


def of_code(path):
    """A checksum of a program's code: in Python comments, docstrings and layout do not count."""
    path, status = Path(path), _stat(path)
    if status is None or not stat.S_ISREG(status.st_mode):
        return "missing"
    return _parsed(path)[0] if path.suffix == ".py" else digest(path)


def _code_of(tree):
    for node in _statements(tree):
        first = next(iter(getattr(node, "body", ())), None)
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            first.value.value = None
    return checksum(ast.dump(tree).encode())

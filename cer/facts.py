"""Finished means finished: what work was made from and what it left, by content; nothing else tells what is up to date.

A fact is a name and a value. They are taken when the work begins and once more when it ends; only if they still hold is
the work done, and a stamp keeps them, with those of what the work left:

    input data/synth/train/feats.scp            sha256 9f86...
    named in data/synth/train/feats.scp: /...   sha256 60303...    what a table names counts as well
    option 1                                    'arousal'
    code cer/models/downup.py                   sha256 fd61...     without comments and docstrings
    output exp/synth/downup/arousal/run1/final.pt  sha256 e3b0...

Contents decide, never times: a file that was copied, touched or checked out again is the same file. A large file is not
read again while size, time, inode and change time are those that the stamp saw, as Git does it with its index.
"""

import ast
import contextlib
import fcntl
import functools
import hashlib
import os
import re
import socket
import time
from pathlib import Path

from cer.errors import BadInput
from cer.files import write_text

ROOT = Path(__file__).resolve().parent.parent
HEAD = "# What this was made from and what it left: written and read by cer/facts.py"
SMALL = 2**20  # bytes up to which a file is always read
SETTLED = 2.0  # s: a file that changed so shortly before it was read may change again without a trace
SHOWN = 3  # differences that are told

_read = {}  # path -> (what stat said, sha256) of large files that were read


def take(inputs=(), options=(), code=()):
    """The facts of work that is about to begin: dict of name -> value.

    inputs: files, which may be missing, a fact as well; options: words; code: programs, whose imports within the recipe
    count, too. Raises BadInput for a folder.
    """
    facts = {}
    for path in inputs:
        facts |= of_file("input", path)
    facts |= {f"option {number}": repr(word) for number, word in enumerate(options, 1)}
    return facts | {f"code {name}": of_code(path) for name, path in sources(code).items()}


def of_file(kind, path):
    """The facts of an input or an output, and of the files that it names if it is an scp file."""
    facts = {f"{kind} {printable(str(path))}": digest(path)}
    if Path(path).suffix == ".scp" and Path(path).is_file():
        facts |= {f"named in {printable(str(path))}: {printable(name)}": digest(name) for name in named_files(path)}
    return facts


def again(facts):
    """The same facts as they are now."""
    now = {}
    for name in facts:
        kind, _, what = name.partition(" ")
        if kind == "code":
            now[name] = of_code(ROOT / what)
        elif kind in ("input", "output", "named"):
            now[name] = digest(what.partition(": ")[2] if kind == "named" else what)
        else:
            now[name] = facts[name]  # an option
    return now


def summary(facts):
    """One value for many facts."""
    return f"sha256 {_sha256(repr(sorted(facts.items())).encode())}"


def differences(before, now):
    """How two dicts of facts differ, as a list of texts."""
    names = [name for name in [*now, *sorted(before.keys() - now.keys())] if before.get(name) != now.get(name)]
    texts = [f"{name}: was {before.get(name, 'not there')}, is {now.get(name, 'not there')}" for name in names[:SHOWN]]
    return texts + ([f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else [])


class Stamp:
    """The file that tells that work is done, and of what."""

    def __init__(self, path):
        self.path = Path(path)

    def read(self):
        """The facts that it keeps, those of the outputs by themselves: two dicts; None without a (whole) stamp."""
        try:
            head, *lines = self.path.read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError):
            return None
        facts = dict(line.partition("\t")[::2] for line in lines if line)
        if head != HEAD or facts.pop("end", None) != "":
            return None
        for name in [name for name in facts if name.startswith("seen ")]:
            *status, found = facts.pop(name).split(" ")
            _read.setdefault(name.removeprefix("seen "), (status, found))
        outputs = {name: value for name, value in facts.items() if _is_output(name, facts)}
        return {name: value for name, value in facts.items() if name not in outputs}, outputs

    def stale(self, facts=None):
        """Why the work is to be done (again), a list of texts; [] if it is up to date.

        facts: what it would be made from now; default: those that the stamp keeps, taken once more.
        """
        found = self.read()
        if found is None:
            return ["it was not finished yet"]
        made_from, left = found
        changed = differences(made_from, again(made_from) if facts is None else facts)
        return changed or differences(left, again(left))

    def damaged(self):
        """The outputs that are not what the work left, a list of texts."""
        found = self.read()
        return differences(found[1], again(found[1])) if found else []

    def begin(self, facts):
        """Keep the facts of work that begins, for commit() in another process."""
        self._write(self._begun, facts)

    def commit(self, outputs, facts=None):
        """The work has ended: write the stamp, if its facts still hold. Returns the differences, and no stamp, if not.

        outputs: files that it left; facts: those of its beginning, default: those that begin() kept.
        """
        if facts is None:
            begun = Stamp(self._begun).read()
            if begun is None:
                raise BadInput(f"{self._begun}: no such file; expected the work to have begun before it ends")
            facts = begun[0]
        changed = differences(facts, again(facts))
        if not changed:
            left = {}
            for path in outputs:
                left |= of_file("output", path)
            self._write(self.path, facts | left)
        self._begun.unlink(missing_ok=True)
        return changed

    @property
    def _begun(self):
        return self.path.with_name(f"{self.path.name}.begun")

    def _write(self, path, facts):
        paths = {what.partition(": ")[2] if name.startswith("named ") else what
                 for name in facts for what in [name.partition(" ")[2]]}  # fmt: skip
        seen = {f"seen {path}": " ".join([*_read[path][0], _read[path][1]]) for path in sorted(paths) if path in _read}
        write_text(path, "".join(f"{line}\n" for line in [HEAD, *map("\t".join, (facts | seen).items()), "end\t"]))


def _is_output(name, facts):
    return name.startswith("output ") or f"output {name.removeprefix('named in ').partition(': ')[0]}" in facts


def do(stamp, work, *, inputs=(), options=(), code=(), outputs=()):
    """Call work() unless the stamp of this path says that it is done; returns whether it was called.

    inputs, options, code: as take's; outputs: files that it leaves. Raises BadInput when the inputs change meanwhile.
    """
    stamp, facts = Stamp(stamp), take(inputs, options, code)
    if not stamp.stale(facts):
        return False
    work()
    if changed := stamp.commit(outputs, facts):
        raise BadInput(f"{stamp.path}: {changed[0]}; it changed while it was worked on: run it again")
    return True


@contextlib.contextmanager
def alone(path, what):
    """Hold the lock `path`, so that nobody else works on `what`: until the block ends, or this process dies.

    Yields the lock's file descriptor: processes that inherit it hold the lock as well. Raises BadInput, naming the
    owner, when it is held.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        hold(lock, path, what, os.getpid())
        yield lock
    finally:
        os.close(lock)


def hold(lock, path, what, owner):
    """Lock an open file descriptor of `path` for all processes that share it; owner: the process to name."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = Path(path).read_text(encoding="utf-8", errors="replace").strip() or "another process"
        raise BadInput(f"{what}: {other} is at work on it; wait until it has ended, or end it first") from None
    except OSError:
        return  # a file system without locks
    os.ftruncate(lock, 0)
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    os.pwrite(lock, f"process {owner} on {socket.gethostname()}, since {since}\n".encode(), 0)


def printable(text):
    """The text, with line ends and the like spelt out."""
    return text if text.isprintable() else repr(text)


def digest(path):
    """What stands for a file's content: its SHA-256, of a .conf file that of its options; `missing` without one."""
    file, path = Path(path), str(path)
    try:
        status = file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return "missing"
    if file.is_dir():
        raise BadInput(f"{path}: found a directory, expected a file; name the files in it that matter")
    if path.endswith(".conf"):
        return f"sha256 {_sha256(_words(file.read_bytes()))}"
    if status.st_size <= SMALL:
        return f"sha256 {_sha256(file.read_bytes())}"
    seen = _seen(status)
    if path not in _read or _read[path][0] != seen:
        with file.open("rb") as content:
            found = hashlib.file_digest(content, "sha256").hexdigest()
        if time.time() - max(status.st_mtime, status.st_ctime) < SETTLED or _seen(file.stat()) != seen:
            _read.pop(path, None)
            return f"sha256 {found}"
        _read[path] = seen, found
    return f"sha256 {_read[path][1]}"


def _seen(status):
    return [str(n) for n in (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)]


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


def _words(content):
    """A configuration's lines without comments, blank lines and white space around them."""
    lines = [line.partition(b"#")[0].strip() for line in content.split(b"\n")]
    return b"\n".join(line for line in lines if line)


def named_files(scp):
    """The files that an scp file names, each once: without `:offset` and `[range]`; pipes are no files."""
    lines = Path(scp).read_text(encoding="utf-8", errors="surrogateescape").split("\n")
    values = {line.split(None, 1)[1].strip() for line in lines if len(line.split(None, 1)) == 2}
    paths = {re.sub(r"(:\d+)?(\[[^][]*\])?$", "", value) for value in values if not value.endswith("|")}
    return sorted(path for path in paths if Path(path).is_file())


def sources(programs):
    """The Python files behind programs, with all that they import of the recipe: name from its top -> path, sorted."""
    found, waiting = {}, [Path(path).resolve() for path in programs]
    while waiting:
        path = waiting.pop()
        if not path.is_file():
            raise BadInput(f"{path}: no such program")
        name = os.path.relpath(path, ROOT)
        if name not in found:
            found[name] = path
            waiting += _imported(path)
    return dict(sorted(found.items()))


@functools.cache
def _tree(path):
    return ast.parse(path.read_bytes())


def _imported(path):
    """Paths of the modules that a file imports, of the package or beside it."""
    paths = []
    for node in ast.walk(_tree(path)) if path.suffix == ".py" else []:
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
    for number in range(1, len(parts) + 1):
        stem = top.joinpath(*parts[:number])
        files += [path for path in (stem / "__init__.py", stem.with_name(f"{stem.name}.py")) if path.is_file()]
    return files


@functools.cache
def of_code(path):
    """What stands for a program's code: its content, of Python without comments, docstrings and layout."""
    if not Path(path).is_file():
        return "missing"
    if Path(path).suffix != ".py":
        return digest(path)
    tree = ast.parse(Path(path).read_bytes())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            body[0].value.value = None
    return f"sha256 {_sha256(ast.dump(tree).encode())}"

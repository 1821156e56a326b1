"""Programs as a command line starts them, many of them for one start of Python: a server that has imported torch and
the like forks for each, and the fork does what `python3 -m MODULE ...` or `python3 FILE ...` does."""

import json
import os
import runpy
import subprocess
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMPORTS = (
    "torch kaldiio scipy.signal soundfile cer.prediction.recognizer cer.training.train cer.scoring.scores"
    " cer.scoring.significance"
)


class Programs:
    """The server: programs(words, folder, environment) -> (status, output) of one program."""

    def __init__(self, folder):
        """folder: for what programs print."""
        self.output = Path(folder) / "output"
        environment = os.environ | {"PYTHONPATH": str(ROOT), "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1"}
        words = [sys.executable, __file__]
        pipe = subprocess.PIPE
        self.server = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True, cwd="/", env=environment)

    def __call__(self, words, folder, environment, stdin="/dev/null", imports=""):
        """words: those after python3; folder: where to start it; stdin: a file; imports: further ones, done once."""
        call = {"words": words, "folder": str(folder), "environment": environment, "imports": imports}
        call |= {"files": [stdin, str(self.output)]}
        print(json.dumps(call), file=self.server.stdin, flush=True)
        return int(self.server.stdout.readline()), self.output.read_text(errors="surrogateescape")

    def close(self):
        """End the server."""
        self.server.stdin.close()
        self.server.wait()


def run(words, folder, environment, files):
    """In a fork: be that program, and return its exit status."""
    os.chdir(folder)
    os.environ.update(environment)
    os.dup2(os.open(files[0], os.O_RDONLY), 0)
    os.dup2(os.open(files[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
    os.dup2(1, 2)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, mode) for n, mode in enumerate("rww"))
    try:
        if words[0] == "-m":
            sys.path[0], sys.argv = str(folder), words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.path[0], sys.argv = str(Path(words[0]).parent), words
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def serve():
    """Start a program a line of standard input, one after the other; answer with its exit status."""
    for line in sys.stdin:
        call = json.loads(line)
        for name in f"{IMPORTS} {call.pop('imports')}".split():
            __import__(name)
        pid = os.fork()
        if not pid:
            status = run(**call)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()

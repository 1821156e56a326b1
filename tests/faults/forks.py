"""Python that starts at once: a server has imported what takes seconds (torch ...) and forks for each program.

A cut costs the run its start, and two hundred cuts would cost an hour of imports. The client stands in for python3 in a
project; what it hands over is run by the same code, with the same shim, as if it had been started. Without the variable
FAULTS_SERVER it is python3 itself.
"""

import json
import os
import socket
import sys

LIMIT = 2**20  # bytes of a request: words, folder and environment
# What a server imports for the whole recipe.
MODULES = ["torch", "scipy.signal", "kaldiio", "soundfile", "matplotlib.pyplot", "markdown_it"]


def python3(folder, server=""):
    """Write the client as python3 into a folder; returns its path. server: its name, else that of the environment."""
    import shlex  # here and below, because the client needs none of it
    from pathlib import Path

    path, python = Path(folder) / "python3", shlex.quote(sys.executable)
    given = f"export FAULTS_SERVER={shlex.quote(server)}\n" if server else ""
    path.write_text(f'#!/bin/sh\n{given}exec {python} -IS {shlex.quote(__file__)} client {python} "$@"\n')
    path.chmod(0o755)
    return path


def start(environment, modules=MODULES):
    """Start the server of the clients with this environment; returns it. It ends with the process that called this."""
    import subprocess

    # As path.sh has it. It reads these when it starts; a fork is too late.
    alone = {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1", "LC_ALL": "C"}
    server = subprocess.Popen(
        [sys.executable, __file__, "serve", environment["FAULTS_SERVER"], *modules],
        env=environment | alone, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    server.stdout.readline()  # it listens
    return server


def client(python, words):
    """Run `python3 WORDS` by the server, or by `python` itself where nothing heavy is to be imported."""
    heavy = words[:1] == ["-m"] or (words and words[0].endswith(".py") and "utils" not in words[0].split("/"))
    if not (heavy and os.environ.get("FAULTS_SERVER")):
        os.execv(python, [python, *words])
    sys.exit(ask(words, dict(os.environ), [0, 1, 2], "."))


def ask(words, environment, streams, folder):
    """Have the server that `environment` names run `python3 WORDS`; returns its exit status.

    streams: three file descriptors, of its standard streams; folder: where it starts.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as link:
        link.connect(f"\0{environment['FAULTS_SERVER']}")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LIMIT)
        place = os.open(folder, os.O_RDONLY)
        socket.send_fds(link, [json.dumps([words, environment]).encode()], [*streams, place])
        os.close(place)
        answer = link.recv(16)
    return int(answer) if answer else 137  # no answer: it was killed


def serve(name, modules):
    """Listen at the abstract address `name`, say so, import the modules, and fork for each request."""
    import importlib
    import select
    import signal

    del sys.path[0]  # the folder of this file

    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(f"\0{name}")
        listening.listen(64)
        print("listening", flush=True)
        for module in modules:
            importlib.import_module(module)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them
        while listening in select.select([listening, sys.stdin], [], [])[0]:
            link, _ = listening.accept()
            with link:
                if os.fork() == 0:
                    listening.close()
                    answer(link)


def answer(link):
    """In the fork: become the program that is asked for; never returns."""
    import atexit
    import signal

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request, (*streams, folder), _, _ = socket.recv_fds(link, LIMIT, 4)
    words, environment = json.loads(request)
    for number, fd in enumerate(streams):
        os.dup2(fd, number)
        os.close(fd)
    os.fchdir(folder)
    os.close(folder)
    os.environ.clear()
    os.environ.update(environment)
    status = 1
    try:
        status = run(words)
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        link.send(str(status).encode())
        os._exit(status)


def run(words):
    """Run a module or a script as __main__; returns its exit status."""
    import runpy
    from pathlib import Path

    sys.path[:0] = filter(None, os.environ.get("PYTHONPATH", "").split(":"))
    try:
        if words[0] == "-m":
            sys.path.insert(0, "")
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.path.insert(0, str(Path(words[0]).resolve().parent))
            sys.argv = list(words)
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], sys.argv[3:])
    client(sys.argv[2], sys.argv[3:])

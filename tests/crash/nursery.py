"""Workers by fork, from a process that has torch loaded: a death costs the next worker no three seconds of imports.

The supervisor starts a worker as ever. What it starts is a stand-in, which hands its streams over to a worker that is forked for
it, waits for that one's end, and ends in the same way.
"""

import json
import os
import signal
import socket
import sys

from tests.crash import faults


def stand_in(address: str) -> None:
    """Let a worker be forked with this process's streams and environment; ends as that one does."""
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(address)
        what = {"home": sys.orig_argv[-1], "environment": dict(os.environ)}
        socket.send_fds(link, [json.dumps(what).encode()], [0, 1, 2])
        for descriptor in (0, 1):
            os.close(descriptor)
        with link.makefile(encoding="ascii") as told:
            child = int(told.readline())
            signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
            status = int(told.readline())
    if status < 0:
        os.kill(os.getpid(), -status)
    os._exit(status)


def open_nursery(address: str) -> int:
    """Start the process that forks workers, itself by fork; returns its number. Whoever calls has torch loaded."""
    from tui_optim.runs import worker

    server = socket.socket(socket.AF_UNIX)
    server.bind(address)
    server.listen(8)
    nursery = os.fork()
    if nursery:
        server.close()
        return nursery
    try:
        os.setsid()
        os.closerange(3, server.fileno())
        os.closerange(server.fileno() + 1, 4096)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        while True:
            link, _ = server.accept()
            if os.fork() == 0:
                server.close()
                _raise_one(link, worker.main)
            link.close()
    finally:
        os._exit(1)


def _raise_one(link: socket.socket, main: object) -> None:
    """Fork a worker, tell its number, and tell how it has ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    content, streams, _, _ = socket.recv_fds(link, 1 << 20, 3)
    child = os.fork()
    if child == 0:
        link.close()
        _become_worker(json.loads(content), streams, main)
    for descriptor in (0, 1, *streams):
        os.close(descriptor)
    link.sendall(f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    link.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become_worker(what: dict[str, object], streams: list[int], main: object) -> None:
    import torch

    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.environ.clear()
        os.environ.update(what["environment"])  # type: ignore[call-overload]
        sys.argv = ["worker", str(what["home"])]
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115 - descriptors
        torch.set_num_threads(1)  # a forked process has none of its parent's threads
        faults.arm(os.environ["TUI_OPTIM_SHAKEN"], os.environ["TUI_OPTIM_DEATHS"], "worker")
        main()  # type: ignore[operator]
    finally:
        os._exit(1 if sys.exc_info()[0] not in (None, SystemExit) else 0)

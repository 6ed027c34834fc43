"""The data source chain: who is asked first, what is damaged is named, and the download never leaves half a file."""

import contextlib
import gzip
import http.server
import os
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tui_optim.spec.datasets import DATASETS, FILE_NAMES, GENERATED, DataKind, DataSource, FileRole
from tui_optim.spec.errors import DataError, StoreError
from tui_optim.spec.idx import read_idx, write_idx
from tui_optim.store import datasets, download
from tui_optim.store.datasets import fetch, find_sample, find_source, make_sample, survey, verify_source

NUM_EXAMPLES: dict[DataKind, tuple[int, int]] = {"full": (30, 10), "sample": (6, 2)}
SHIFT = {"fashion-mnist": 1, "mnist": 2}
"""Makes the contents of the two sets differ."""


def write_set(folder: Path, dataset_id: str, kind: DataKind = "full", *, suffix: str = ".gz") -> Path:
    """Write a small data set as its four files."""
    folder.mkdir(parents=True, exist_ok=True)
    for role, name in FILE_NAMES.items():
        count = NUM_EXAMPLES[kind][0 if role.startswith("train") else 1]
        shape = (count, 28, 28) if role.endswith("images") else (count,)
        size = count * (784 if role.endswith("images") else 1)
        values = bytes((position * SHIFT[dataset_id] + len(role)) % 251 for position in range(size))
        write_idx(folder / f"{name}{suffix}", shape=shape, values=values)
    return folder


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own: small data sets under the real names, only their samples present, no other folder."""
    root = tmp_path / "world"
    for dataset_id in ("fashion-mnist", "mnist"):
        hashes: dict[DataKind, dict[FileRole, str]] = {}
        for kind in NUM_EXAMPLES:
            made = write_set(tmp_path / "made" / kind / dataset_id, dataset_id, kind)
            hashes[kind] = {role: read_idx(made / f"{name}.gz").sha256 for role, name in FILE_NAMES.items()}
        small = replace(DATASETS[dataset_id], sha256=hashes, num_examples=NUM_EXAMPLES)
        monkeypatch.setitem(DATASETS, dataset_id, small)
        write_set(root / "sample" / dataset_id, dataset_id, "sample")
        (root / "sample" / dataset_id / "README.md").write_text("licence\n", encoding="utf-8")
    (root / "home").mkdir()
    (root / "work").mkdir()
    monkeypatch.setattr(datasets, "SAMPLE_ROOT", root / "sample")
    monkeypatch.setattr(datasets, "DEBIAN_ROOT", root / "debian")
    monkeypatch.setenv("HOME", str(root / "home"))
    monkeypatch.setenv("TUI_OPTIM_CACHE", str(root / "cache"))
    monkeypatch.delenv("TUI_OPTIM_DATA", raising=False)
    monkeypatch.chdir(root / "work")
    return root


@pytest.mark.parametrize("dataset_id", GENERATED)
def test_generated_data_has_no_folder(world: Path, dataset_id: str) -> None:
    """Whatever folder is named, and for the sample too, it is the same data made by a rule; there is nothing to verify."""
    source = find_source(dataset_id, data_dir=world / "nowhere")
    assert (source.origin, source.kind, source.files) == ("generated", "full", {})
    assert find_sample(dataset_id) == source
    verify_source(source)


def test_with_nothing_else_the_sample_is_taken(world: Path) -> None:
    """On a fresh machine without a network there is something real to run, marked as a sample."""
    source = find_source("fashion-mnist")

    assert (source.origin, source.kind, source.folder) == ("sample", "sample", world / "sample" / "fashion-mnist")
    verify_source(source)


def test_the_chain_is_asked_in_its_order(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each link that is added further up the chain wins over those below it."""
    for folder, origin in [
        (world / "debian" / "fashion-mnist", "debian"),
        (world / "home" / "data" / "FashionMNIST" / "raw", "torchvision"),
        (world / "cache" / "data" / "fashion-mnist", "cache"),
        (world / "named" / "fashion-mnist", "data-dir"),
    ]:
        write_set(folder, "fashion-mnist")
        if origin == "data-dir":
            monkeypatch.setenv("TUI_OPTIM_DATA", str(world / "named"))

        source = find_source("fashion-mnist")

        assert (source.origin, source.kind, source.folder) == (origin, "full", folder)
        verify_source(source)


def test_the_option_wins_over_the_environment(world: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--data-dir` is the later word."""
    monkeypatch.setenv("TUI_OPTIM_DATA", str(world / "nowhere"))
    write_set(world / "given", "mnist")

    assert find_source("mnist", data_dir=world / "given").folder == world / "given"


@pytest.mark.parametrize("layout", ["fashion-mnist", ".", "FashionMNIST/raw"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_every_layout_and_spelling_is_found(world: Path, layout: str, suffix: str) -> None:
    """Own folder, files right there, or torchvision's folders; compressed or not."""
    write_set(world / "named" / layout, "fashion-mnist", suffix=suffix)

    source = find_source("fashion-mnist", data_dir=world / "named")

    assert source.files["train-images"].name == f"train-images-idx3-ubyte{suffix}"
    verify_source(source)


def test_paths_are_absolute(world: Path) -> None:
    """The worker that reads the files stands in another folder, so a relative `--data-dir` is made absolute."""
    write_set(world / "work" / "here", "mnist")

    source = find_source("mnist", data_dir=Path("here"))

    assert source.folder == world / "work" / "here"
    assert all(path.is_absolute() for path in source.files.values())


def test_sets_with_the_same_file_names_are_told_apart(world: Path) -> None:
    """MNIST is not read from a folder that holds Fashion-MNIST, although every name and size fits."""
    write_set(world / "named", "fashion-mnist")

    with pytest.raises(DataError, match=r"named: no MNIST in it; looked for .* \(--data-dir names this folder\)"):
        find_source("mnist", data_dir=world / "named")


def test_a_named_folder_may_hold_the_sample(world: Path) -> None:
    """Whoever names a sample gets it, and it stays marked as one."""
    source = find_source("mnist", data_dir=world / "sample")

    assert (source.origin, source.kind) == ("data-dir", "sample")


@pytest.mark.parametrize("is_there", [False, True])
def test_a_named_folder_without_the_set_ends_the_search(
    world: Path, monkeypatch: pytest.MonkeyPatch, is_there: bool
) -> None:
    """Nothing is silently taken from elsewhere when the user has named a folder, missing or empty."""
    write_set(world / "cache" / "data" / "mnist", "mnist")
    named = world / "named"
    if is_there:
        named.mkdir()
    monkeypatch.setenv("TUI_OPTIM_DATA", str(named))

    with pytest.raises(DataError, match=r"named: no .*\(TUI_OPTIM_DATA names this folder\)"):
        find_source("mnist")


@pytest.mark.parametrize("role", list(FILE_NAMES))
@pytest.mark.parametrize("damage", ["missing", "truncated", "empty", "directory", "fifo", "device"])
def test_damage_in_a_named_folder_is_named(world: Path, role: FileRole, damage: str) -> None:
    """Whichever file is damaged, and however: the error has its path and says what to do; nothing waits for a FIFO."""
    path = write_set(world / "named", "mnist") / f"{FILE_NAMES[role]}.gz"
    content = path.read_bytes()
    path.unlink()
    if damage == "truncated":
        path.write_bytes(content[:-5])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "directory":
        path.mkdir()
    elif damage == "fifo":
        os.mkfifo(path)
    elif damage == "device":
        path.symlink_to("/dev/zero")

    with pytest.raises(DataError, match=rf"{FILE_NAMES[role]}.*; replace it, or run `tui-optim data fetch mnist`"):
        find_source("mnist", data_dir=world / "named")


def test_damage_inside_gzip_that_keeps_the_size_is_named_when_it_is_read(world: Path) -> None:
    """Finding is cheap and sees nothing; verifying names the file and says what to do, without a traceback."""
    path = write_set(world / "cache" / "data" / "mnist", "mnist") / "train-images-idx3-ubyte.gz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    source = find_source("mnist")

    with pytest.raises(
        DataError, match=r"cache/data/mnist/train-images-idx3-ubyte\.gz: .*; replace it, or run `tui-optim data"
    ):
        verify_source(source)


def test_a_damaged_sample_says_that_the_installation_is(world: Path) -> None:
    """The packaged sample cannot be fetched: the advice is another one."""
    (world / "sample" / "mnist" / "train-labels-idx1-ubyte.gz").write_bytes(b"")

    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte\.gz: .*; reinstall tui-optim$"):
        find_sample("mnist")


def test_content_that_is_not_the_published_is_found_when_it_is_read(world: Path) -> None:
    """A changed pixel keeps the size, so finding is cheap and verifying is strict; the file is named."""
    path = write_set(world / "named", "mnist", suffix="") / FILE_NAMES["train-images"]
    content = bytearray(path.read_bytes())
    content[500] ^= 1
    path.write_bytes(content)
    source = find_source("mnist", data_dir=world / "named")

    with pytest.raises(DataError, match=r"train-images-idx3-ubyte: content is not the published MNIST .*; replace it"):
        verify_source(source)


def test_of_two_spellings_the_sound_one_is_used(world: Path) -> None:
    """A torn unzipped file beside its sound `.gz` does no harm."""
    folder = write_set(world / "named", "mnist")
    (folder / FILE_NAMES["train-images"]).write_bytes(b"torn")

    source = find_source("mnist", data_dir=folder)

    assert source.files["train-images"].suffix == ".gz"


def test_a_damaged_cache_is_passed_over_and_reported(world: Path) -> None:
    """The search goes on below a damaged link that nobody named, and the survey says what is wrong with it."""
    (write_set(world / "cache" / "data" / "mnist", "mnist") / "train-labels-idx1-ubyte.gz").write_bytes(b"")
    write_set(world / "debian" / "mnist", "mnist")

    source = find_source("mnist")
    reports = {report.origin: report for report in survey("mnist")}

    assert source.origin == "debian"
    assert {origin: report.state for origin, report in reports.items()} == {
        "cache": "damaged",
        "torchvision": "absent",
        "debian": "ok",
        "sample": "ok",
    }
    assert "train-labels-idx1-ubyte.gz: damaged or truncated" in reports["cache"].problem
    assert reports["debian"].source == source


def test_a_sample_in_a_common_folder_is_not_mistaken_for_the_full_set(world: Path) -> None:
    """Only a named folder and the package may give a sample."""
    write_set(world / "work" / "data", "mnist", "sample")

    assert find_source("mnist").origin == "sample"
    assert "holds the sample" in {report.origin: report for report in survey("mnist")}["torchvision"].problem


def test_an_unknown_data_set_names_the_nearest() -> None:
    """`fashion_mnist` proposes the id that was meant."""
    for ask in (find_source, survey):
        with pytest.raises(DataError, match=r"unknown data set 'fashion_mnist': did you mean 'fashion-mnist'\?"):
            ask("fashion_mnist")


def test_a_removed_working_folder_does_not_stop_the_search(world: Path) -> None:
    """The chain still ends at the sample when the shell's folder has been deleted."""
    (world / "work").rmdir()

    assert find_source("mnist").origin == "sample"


def test_the_sample_is_the_beginning_of_the_full_set(world: Path) -> None:
    """The first examples in their order, reproducible to the byte, with the licence note."""
    source = find_source("mnist", data_dir=write_set(world / "named", "mnist"))

    make_sample(source, world / "one")
    make_sample(source, world / "two")

    for role, name in FILE_NAMES.items():
        whole, cut = read_idx(source.files[role]), read_idx(world / "one" / f"{name}.gz")
        assert cut.shape == (NUM_EXAMPLES["sample"][0 if role.startswith("train") else 1], *whole.shape[1:])
        assert whole.content[whole.offset :].startswith(cut.content[cut.offset :])
        assert (world / "one" / f"{name}.gz").read_bytes() == (world / "two" / f"{name}.gz").read_bytes()
    assert (world / "one" / "README.md").read_text(encoding="utf-8") == "licence\n"


def test_a_sample_of_a_sample_is_refused(world: Path) -> None:
    """The sample is cut from the full set only."""
    with pytest.raises(DataError, match="a sample is cut from the full MNIST"):
        make_sample(find_source("mnist"), world / "out")


class _Mirror:
    """A web server that counts what it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.asked: list[str] = []
        mirror = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path)
                super().do_GET()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), lambda *args: Handler(*args, directory=str(folder))
        )
        self.address = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[_Mirror]:
    """Serves the full MNIST of this world from `made/full/mnist`."""
    server = _Mirror(tmp_path / "made" / "full" / "mnist")
    yield server
    server.close()


@pytest.fixture
def served(tmp_path: Path) -> Path:
    """The folder that the mirror serves."""
    return tmp_path / "made" / "full" / "mnist"


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff\x1b[2J",
        b"HTTP/9.9 999999 \x1b[2J\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
        HEAD + b"X: y\r\n" * 200 + b"\r\n",
        HEAD + b"Content-Length: " + b"9" * 5_000 + b"\r\n\r\nshort",
        HEAD + b"Content-Length: \xb2\r\n\r\nshort",
        HEAD + b"Content-Length: -5\r\n\r\nshort",
        HEAD + b"Content-Length: 999999\r\n\r\nshort",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nshort",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nshort",
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[bad\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \xff\x1b[2J\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n",
    ],
)
def test_whatever_a_server_says_ends_in_a_sentence(world: Path, answer: bytes) -> None:
    """No answer is believed, none ends the program, and nothing of it stays."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer_all() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = server.accept()
                    with contextlib.suppress(OSError), line:
                        line.recv(65_536)
                        line.sendall(answer)

        thread = threading.Thread(target=answer_all, daemon=True)
        thread.start()
        with pytest.raises(DataError) as refused:
            _fetch(f"http://127.0.0.1:{server.getsockname()[1]}/")
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert str(refused.value).isprintable()
    assert [path for path in (world / "cache").rglob("*") if path.is_file()] == []


def _fetch(*mirrors: str) -> DataSource:
    return fetch("mnist", on_progress=lambda *_: None, mirrors=mirrors)


def test_what_is_fetched_is_verified_and_then_found_in_the_cache(mirror: _Mirror) -> None:
    """The download fills the cache, tells its progress to the end, and the next search finds it."""
    progress: dict[str, tuple[int, int | None]] = {}

    source = fetch(
        "mnist",
        on_progress=lambda name, received, total: progress.update({name: (received, total)}),
        mirrors=[mirror.address],
    )

    verify_source(source)
    assert (source.origin, source.kind) == ("download", "full")
    assert find_source("mnist").origin == "cache"
    assert progress == {path.name: (path.stat().st_size, path.stat().st_size) for path in source.files.values()}
    assert set(source.folder.iterdir()) == set(source.files.values())


def test_what_the_cache_holds_soundly_is_not_fetched_again(world: Path, mirror: _Mirror) -> None:
    """Only the damaged file is asked for."""
    path = write_set(world / "cache" / "data" / "mnist", "mnist") / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(b"damaged")

    source = _fetch(mirror.address)

    verify_source(source)
    assert mirror.asked == ["/t10k-images-idx3-ubyte.gz"]


def test_the_next_mirror_is_tried(mirror: _Mirror) -> None:
    """A mirror that cannot be reached, or that lacks the file, is passed over."""
    source = _fetch("http://127.0.0.1:1/", f"{mirror.address}nothing-here/", mirror.address)

    verify_source(source)
    assert any(path.startswith("/nothing-here/") for path in mirror.asked)


@pytest.mark.parametrize(
    "content", [b"<html>login</html>", gzip.compress(b"other"), b""], ids=["login page", "other file", "nothing"]
)
def test_wrong_content_never_enters_the_cache(world: Path, mirror: _Mirror, served: Path, content: bytes) -> None:
    """A login page or another file is refused; the cache stays empty and the message says what to do."""
    (served / "train-images-idx3-ubyte.gz").write_bytes(content)

    with pytest.raises(DataError, match=r"not the published content; set TUI_OPTIM_DATA .* packaged sample"):
        _fetch(mirror.address)

    assert not any((world / "cache" / "data" / "mnist").iterdir())
    assert find_source("mnist").origin == "sample"


def test_a_download_without_end_is_cut(world: Path, mirror: _Mirror, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends more than any data file has is left."""
    monkeypatch.setattr(download, "SIZE_LIMIT_BYTES", 100)

    with pytest.raises(DataError, match="sends more than 100 bytes"):
        _fetch(mirror.address)

    assert not any((world / "cache" / "data" / "mnist").iterdir())


def test_an_interrupted_download_leaves_nothing(world: Path, mirror: _Mirror) -> None:
    """Ctrl-C in the middle removes the temporary file."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("mnist", on_progress=interrupt, mirrors=[mirror.address])

    assert not any((world / "cache" / "data" / "mnist").iterdir())


def test_without_a_network_one_line_says_what_to_do(world: Path) -> None:
    """No mirror answers: the message has the reason, the variable, the folder and the sample."""
    with pytest.raises(DataError, match=r"cannot download MNIST: .*refused.*TUI_OPTIM_DATA") as caught:
        _fetch("http://127.0.0.1:1/")

    assert str(world / "cache" / "data" / "mnist") in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_cache_that_cannot_be_made_is_named(world: Path) -> None:
    """A file where the cache folder should be is a sentence, not a traceback."""
    (world / "cache").write_text("", encoding="utf-8")

    with pytest.raises(StoreError, match=r"cannot make the cache folder .*cache/data/mnist"):
        _fetch("http://127.0.0.1:1/")

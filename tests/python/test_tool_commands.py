"""The program's words: help, man page, completion, exit codes, progress, interruption."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from hdf5_files import write
from tool import PROGRAM, headrace

COMMANDS = ("ingest", "inspect", "head", "stats", "verify", "repack", "completion", "man")


def test_help_lists_every_command_and_the_exit_codes() -> None:
    text = headrace("--help").stdout
    assert all(re.search(rf"^  {name} ", text, re.MULTILINE) for name in COMMANDS)
    assert "Exit codes:" in text and "130 for Ctrl-C" in text
    assert headrace(code=2).stdout == text
    assert re.fullmatch(r"headrace \d+\.\d+\.\d+\n", headrace("--version").stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_its_options_and_examples(command: str) -> None:
    text = headrace(command, "--help").stdout
    assert f"Usage: headrace {command}" in text
    assert "\nExamples:\n  " in text and "headrace " + command in text.split("Examples:")[1]
    assert max(map(len, text.splitlines())) <= 100
    assert headrace("help", command).stdout == text == headrace(command, "-h").stdout


def test_examples_name_options_that_there_are() -> None:
    for command in COMMANDS:
        text = headrace(command, "--help").stdout
        options = set(re.findall(r"--[a-z-]+", text.split("Examples:")[0]))
        assert set(re.findall(r"--[a-z-]+", "".join(re.findall(rf"headrace {command}[^|\n]*", text.split("Examples:")[1])))) <= options


def test_the_python_module_is_the_same_program(tmp_path: Path) -> None:
    path = write(tmp_path / "x.h5", x=np.arange(10))
    by_module = lambda *words: subprocess.run([sys.executable, "-m", "headrace", *map(str, words)], capture_output=True, text=True, timeout=60, check=False)
    for words, code in ((("head", path), 0), (("--help",), 0), (("verify", tmp_path / "none.h5"), 1), (("repack",), 2)):
        ended, expected = by_module(*words), headrace(*words, code=code)
        assert (ended.returncode, ended.stdout, ended.stderr) == (code, expected.stdout, expected.stderr)


def test_the_python_module_takes_names_that_are_not_utf_8_and_ends_quietly_behind_a_pipe(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff.h5"
    os.replace(write(tmp_path / "x.h5", x=np.arange(10)), path)
    for program in ([PROGRAM], [sys.executable, "-m", "headrace"]):
        assert subprocess.run([*program, b"head", path], capture_output=True, timeout=60, check=True).stdout.startswith(b"/x  int64 (10,)")
        read, written = os.pipe()
        os.close(read)
        ended = subprocess.run([*program, "--help"], stdout=written, stderr=subprocess.PIPE, timeout=60, check=False)
        os.close(written)
        assert (ended.returncode, ended.stderr) == (-signal.SIGPIPE, b"")


@pytest.mark.parametrize("sent, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_python_module_ends_on_signals_as_the_program_does(tmp_path: Path, sent: int, code: int) -> None:
    (tmp_path / "x.csv").write_text("x,y\n" + "1.25,3\n" * 3_000_000)
    words = [sys.executable, "-m", "headrace", "ingest", "-q", str(tmp_path / "x.csv"), "-o", str(tmp_path / "x.h5"), "--chunk-rows", "1000", "-j", "1"]
    child = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    journal = tmp_path / "x.h5.journal"
    while not journal.exists() or journal.stat().st_size < 10_000:
        assert child.poll() is None
        time.sleep(0.001)
    child.send_signal(sent)
    assert child.communicate(timeout=10)[1] == "headrace: interrupted\n" and child.returncode == code


def test_the_man_page_has_every_option_and_no_warning(tmp_path: Path) -> None:
    page = tmp_path / "headrace.1"
    page.write_text(headrace("man").stdout)
    plain = page.read_text().replace("\\-", "-")
    for command in COMMANDS:
        for option in re.findall(r"^  (?:-\w, )?(--[a-z-]+)", headrace(command, "--help").stdout, re.MULTILINE):
            assert option in plain or option == "--help"
    try:
        shown = subprocess.run(["man", "--warnings", "-l", str(page)], capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    except FileNotFoundError:
        pytest.skip("there is no man here")
    assert shown.stderr == "" and "EXIT STATUS" in shown.stdout


def test_bash_completes_commands_options_and_files(tmp_path: Path) -> None:
    def completed(*words: str) -> set[str]:
        code = f"source <({PROGRAM} completion bash); COMP_WORDS=({' '.join(words)} ''); COMP_WORDS[{len(words) - 1}]='{words[-1]}'; "
        code += f"COMP_CWORD={len(words) - 1}; compopt() {{ :; }}; _headrace; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        return set(subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True).stdout.split())

    assert completed("headrace", "ver") == {"verify"}
    assert completed("headrace", "repack", "--ch") == {"--chunk-rows"}
    assert completed("headrace", "completion", "f") == {"fish"}
    assert completed("headrace", "verify", "x") == set()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_names_every_command_and_option(shell: str) -> None:
    text = headrace("completion", shell).stdout
    assert all(name in text for name in COMMANDS) and "chunk-rows" in text
    try:
        subprocess.run([shell, "-n"], input=text, text=True, check=True, capture_output=True)
    except FileNotFoundError:
        pass  # this shell is not here
    headrace("completion", "csh", code=2)


def test_wrong_words_are_exit_code_2_and_one_sentence() -> None:
    for words, said in {
        ("verfy",): "no command 'verfy'; did you mean 'verify'?",
        ("verify",): "[verify] FILE must be given; see 'headrace verify --help'",
        ("verify", "x", "--jbos", "1"): "[verify] unknown option '--jbos'; did you mean '--jobs'?",
        ("verify", "x", "--jobs", "-1"): "[verify] --jobs must be 0 to 1024, got -1",
        ("verify", "x", "--memory", "lots"): "[verify] --memory must be a number of bytes, with K, M, G or T behind it for units of 1024, got 'lots'",
        ("head", "x", "-n", "many"): "[head] --rows must be a whole number, got 'many'",
        ("head", "a", "b", "c"): "[head] one argument too many, 'c'; 'headrace head --help' lists what it takes",
    }.items():
        ended = headrace(*words, code=2)
        assert ended.stderr == f"headrace: {said}\n" and ended.stdout == ""


def test_files_that_cannot_be_read_are_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no HDF5 file")
    os.mkfifo(tmp_path / "fifo")
    for command in ("inspect", "verify", "head", "stats"):
        for name, cause in {"text": "not an HDF5 file", "fifo": "it must be a plain file", "none": "No such file or directory"}.items():
            ended = headrace(command, tmp_path / name, code=1)
            assert ended.stderr == f"headrace: [{command}] cannot open '{tmp_path / name}': {cause}\n"


def test_a_full_disk_behind_standard_output_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "x.h5", x=np.arange(3))
    with open("/dev/full", "w") as full:
        ended = subprocess.run([str(PROGRAM), "head", str(tmp_path / "x.h5")], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == 1 and "No space left on device" in ended.stderr


def test_head_that_is_cut_short_by_a_pipe_ends_quietly(tmp_path: Path) -> None:
    write(tmp_path / "x.h5", x=np.arange(300_000))
    ended = subprocess.run(f"'{PROGRAM}' head -n 300000 '{tmp_path}/x.h5' | head -1", shell=True, capture_output=True, text=True, check=False)
    assert ended.stderr == "" and ended.stdout == "/x  int64 (300000,)\n"


@pytest.fixture(scope="module")
def long_work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = np.random.default_rng(0).integers(0, 1 << 18, (400_000, 64)).astype(np.int32)
    return write(tmp_path_factory.mktemp("tool") / "long.h5", x=(data, {"chunks": (2000, 64), "compression": "gzip", "compression_opts": 1}))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_work_with_its_own_code(long_work: Path, tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "out.h5"
    child = subprocess.Popen([str(PROGRAM), "repack", str(long_work), "-o", str(out), "--compress", "gzip:9"], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 20
    while not Path(f"{out}.journal").exists() or Path(f"{out}.journal").stat().st_size < 10_000:
        assert child.poll() is None and time.monotonic() < deadline
        time.sleep(0.005)
    child.send_signal(number)
    _, err = child.communicate(timeout=5)
    assert child.returncode == 128 + number and err == "headrace: interrupted\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out.h5.journal"]  # what is done is kept, nothing partial else


def test_progress_is_a_line_that_changes_on_a_terminal_and_nothing_with_quiet(long_work: Path, tmp_path: Path) -> None:
    for options, expected in (((), True), (("--quiet",), False)):
        ours, theirs = pty.openpty()
        child = subprocess.Popen([str(PROGRAM), "repack", str(long_work), "-o", str(tmp_path / "out.h5"), "--compress", "gzip:9", *options], stderr=theirs)
        os.close(theirs)
        child.send_signal(signal.SIGSTOP)  # on any machine, however fast, it is at work for longer than the line waits for
        time.sleep(0.3)
        child.send_signal(signal.SIGCONT)
        shown = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:
                break
            shown += part
        assert child.wait() == 0
        os.close(ours)
        assert (re.search(rb"\r\x1b\[Krepack .*: .* MB of 102 MB, .*B/s, \d+ s left", shown) is not None) is expected
        assert expected or shown == b""

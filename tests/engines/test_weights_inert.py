"""Model files are data: loading one runs no code of its own, and one that is not what it says is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Starter

# Python tells an audit hook of every class that a pickle asks for, and of code objects made from bytes elsewhere.
LOADING = """
import sys
seen = []
sys.addaudithook(lambda event, given: seen.append(given) if event.startswith("pickle.") else None)
from pathlib import Path
from local_agent.engines.llama.engine import Llama
from local_agent.engines.piper.engine import Piper
from local_agent.engines.whisper.engine import Whisper
whisper, llama, piper = map(Path, sys.argv[1:])
for engine in (Whisper(whisper), Llama(llama, context=512, conversations=1), Piper(piper)):
    engine.close()
print("torch" in sys.modules, seen)
"""
REFUSED = """
import sys
from pathlib import Path
from local_agent.errors import LocalAgentError
{imports}
try:
    {load}
except LocalAgentError as error:
    print("refused", error)
"""
WHISPER = ("from local_agent.engines.whisper.engine import Whisper", "Whisper(Path(sys.argv[1]))")
LLAMA = ("from local_agent.engines.llama.engine import Llama", "Llama(Path(sys.argv[1]))")
PIPER = ("from local_agent.engines.piper.engine import Piper", "Piper(Path(sys.argv[1]))")


def python(code: str, *given: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, given)], capture_output=True, text=True, timeout=90, check=False
    )


def test_loading_unpickles_nothing_and_needs_no_torch(starter: Starter) -> None:
    done = python(LOADING, starter.whisper, starter.gguf, starter.voice)
    assert done.stdout.split("\n")[0] == "False []", done.stdout + done.stderr


def noise(path: Path) -> None:
    path.write_bytes(os.urandom(4096))


def pickle(path: Path) -> None:
    """What torch.load would run: os.system('...')."""
    path.write_bytes(b"\x80\x04cposix\nsystem\n\x8c\x0etouch pickled.txt\x85R.")


def beginning(path: Path) -> None:
    """The right first bytes, and noise after them."""
    content = path.read_bytes()[:64]
    path.write_bytes(content + os.urandom(4096))


@pytest.mark.parametrize("spoil", [noise, pickle, beginning])
@pytest.mark.parametrize("engine", ["whisper", "llama", "piper"])
def test_a_file_that_is_no_model_is_refused(
    starter: Starter, tmp_path: Path, engine: str, spoil: Callable[[Path], None]
) -> None:
    source = {"whisper": starter.whisper, "llama": starter.llama, "piper": starter.piper}[engine]
    folder = tmp_path / source.name
    folder.mkdir()
    name = {"whisper": "model.bin", "llama": starter.gguf.name, "piper": starter.voice.name}[engine]
    for file in source.iterdir():
        if file.is_file() and file.name != name:
            shutil.copy(file, folder)
    shutil.copy(source / name, folder)
    spoil(folder / name)
    imports, load = {"whisper": WHISPER, "llama": LLAMA, "piper": PIPER}[engine]
    code = REFUSED.format(imports=imports, load=load)
    done = python(code, folder if engine == "whisper" else folder / name)
    assert done.stdout.startswith("refused"), (done.returncode, done.stdout, done.stderr[-600:])
    assert name in done.stdout or folder.name in done.stdout
    assert not Path("pickled.txt").exists()

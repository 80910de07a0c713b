"""Install from a bundle on a machine that has Python 3.11 and nothing else. This file is install.py in the bundle:

    tar -xOf local_agent.tar install.py | python3 - local_agent.tar --into local_agent

First compare `sha256sum local_agent.tar` with what was printed when it was made: this script comes out of the bundle
itself, and what it checks is worth as much as it is.
"""

import hashlib
import json
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NoReturn, Tuple  # noqa: UP035  (an old Python must get as far as the line that says so)

MOST = 64 << 20  # bytes of our own wheel


def fail(line: str) -> NoReturn:
    sys.exit("local_agent: " + line)


def installer(bundle: str) -> Tuple[str, bytes]:  # noqa: UP006
    """Name and bytes of the bundle's own local_agent, which knows the rest; its hash is the manifest's."""
    listed = {}
    try:
        with tarfile.open(bundle, "r:") as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isreg() and member.size <= MOST else None
                if member.name == "manifest.json" and stream is not None:
                    listed = {file["path"]: file["sha256"] for file in json.load(stream)["files"]}
                elif not listed:
                    break
                elif member.name.startswith("wheels/local_agent-") and stream is not None:
                    body = stream.read()
                    if hashlib.sha256(body).hexdigest() != listed.get(member.name):
                        fail(member.name + " is altered; nothing was installed")
                    return Path(member.name).name, body
    except (OSError, tarfile.TarError, ValueError, KeyError, TypeError) as error:
        fail(f"{bundle} cannot be read as a bundle ({error})")
    fail(f"{bundle} holds models only; make it with --with-programs" if listed else f"{bundle} is no bundle")


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  (this script is for those)
        fail(f"Python 3.11 or newer is needed, this is {sys.version_info[0]}.{sys.version_info[1]}")
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        fail("usage: install.py BUNDLE.tar [--into FOLDER] [--digest DIGEST]")
    name, body = installer(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        wheel = Path(folder, name)
        wheel.write_bytes(body)
        sys.path.insert(0, str(wheel))
        from local_agent.bundle.installer import main as install

        sys.exit(install(sys.argv[1:]))


if __name__ == "__main__":
    main()

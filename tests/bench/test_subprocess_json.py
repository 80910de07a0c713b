from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from local_agent.bench.subprocess_json import Child
from local_agent.errors import ServerError

HEAD = """
import asyncio, sys
from local_agent.bench.subprocess_json import tell, told, until_orphaned
"""
ECHO = "async def main():\n    tell({'got': (await told())['say']})\nasyncio.run(main())"
STAYS = """
async def stay():
    tell({"up": True})
    try:
        await asyncio.sleep(600)
    finally:
        tell({"left": True})
async def main():
    await told()
    await until_orphaned(stay())
asyncio.run(main())
"""
REFUSES = "async def main():\n    await told()\n    tell({'error': 'there is no weather'})\nasyncio.run(main())"
BREAKS = "print('a reason', file=sys.stderr)\nsys.exit(3)"


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a module `child_of_a_test`."""
    root = Path(__file__).resolve().parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{root}")
    return tmp_path / "child_of_a_test.py"


async def all_told(say: str = "") -> list[dict[str, object]]:
    async with Child(module="child_of_a_test", plan={"say": say}) as child:
        return [told async for told in child]


def test_it_is_given_a_plan_and_tells(module: Path) -> None:
    module.write_text(HEAD + ECHO)
    assert asyncio.run(all_told("hällo")) == [{"got": "hällo"}]


def test_it_ends_when_it_is_no_longer_wanted(module: Path) -> None:
    module.write_text(HEAD + STAYS)

    async def leave() -> int | None:
        async with Child("child_of_a_test", {}) as child:
            assert await child.next() == {"up": True}
        return child.status

    assert asyncio.run(leave()) == 0


def test_its_error_is_ours(module: Path) -> None:
    module.write_text(HEAD + REFUSES)
    with pytest.raises(ServerError, match="there is no weather"):
        asyncio.run(all_told())


def test_its_last_words_are_kept(module: Path) -> None:
    module.write_text(HEAD + BREAKS)
    with pytest.raises(ServerError, match="status 3: a reason"):
        asyncio.run(all_told())


def test_it_is_killed_when_it_does_not_listen(module: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local_agent.bench.subprocess_json.PATIENCE", 0.2)
    module.write_text(HEAD + "import time\ntell({'up': True})\ntime.sleep(600)")

    async def leave() -> int | None:
        async with Child("child_of_a_test", {}) as child:
            await child.next()
        return child.status

    assert asyncio.run(leave()) == -9

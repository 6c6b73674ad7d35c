"""A full disk: 503 with the words kept on the page, and everything works again with room."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.cluster import Cluster
from tests.reliability.conftest import Deploy, Tell, needs_root
from tests.reliability.deployment import Deployment, until
from tests.reliability.stored import faults
from tests.reliability.traffic import REASON, Browser, Counts, Person, Reply, filled, words_on

LONG_WORDS = "It is the left arm. " * 14
MOST_WRITES = 5000


class Disk:
    """A small file system in memory, which can be filled up and emptied."""

    def __init__(self, path: Path, megabytes: int, owner: str = "root") -> None:
        self.path = path
        path.mkdir(exist_ok=True)
        options = f"size={megabytes}m,uid={owner},gid={owner},mode=700"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], check=True)

    def fill(self) -> None:
        with (self.path / "filler").open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                return

    def empty(self) -> None:
        (self.path / "filler").unlink()

    def remove(self) -> None:
        subprocess.run(["umount", "--lazy", self.path], check=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Disk]:
    needs_root()
    disk = Disk(tmp_path / "disk", 4)
    yield disk
    disk.remove()


@pytest.fixture
def small_tablespace(cluster: Cluster) -> Iterator[Disk]:
    needs_root()
    disk = Disk(cluster.folder / "small", 24, "postgres")
    cluster.administer(f"CREATE TABLESPACE small LOCATION '{disk.path}'")
    yield disk
    # The server would not start again without the files that it knows of.
    cluster.administer("DROP TABLESPACE small")
    disk.remove()


def written(browser: Browser, words: str) -> Reply:
    page = browser.get(REASON)
    assert page.status == 200, page.status
    return browser.post(REASON, filled(page.text, {"main_problem": words}))


def refused(person: Person, disk: Disk) -> tuple[str, Reply]:
    """Write until something is not taken: the words, and what was said."""
    for number in range(MOST_WRITES):
        # What the database gave back of its room is taken again.
        disk.fill()
        words = f"{number} {LONG_WORDS}"[:300].strip()
        reply = written(person.browser, words)
        if reply.status != 303:
            return words, reply
        person.keep = words
    raise AssertionError("the disk never got full")


def on_a_full_disk(deployment: Deployment, disk: Disk) -> tuple[dict[str, object], Counts]:
    """What a person sees without room, and afterwards."""
    counts, seen = Counts(), dict[str, object]()
    with deployment.running():
        person = Person(deployment.address, counts, "Ana")
        assert person.step()
        words, reply = refused(person, disk)
        seen["status"] = reply.status
        seen["asks to come back"] = reply.headers.get("Retry-After") is not None
        seen["words kept"] = words_on(reply.text) == words
        seen["still reads"] = person.browser.get(REASON).status
        disk.empty()
        seen["works again"] = person.step()
        until(person.send, "it cannot be sent")
    return seen, counts


EXPECTED = {
    "status": 503,
    "asks to come back": True,
    "words kept": True,
    "still reads": 200,
    "works again": True,
}


@pytest.mark.parametrize("app", ["sound", "fails_without_room"])
def test_sqlite_on_a_full_disk(deploy: Deploy, small_disk: Disk, tell: Tell, app: str) -> None:
    url = f"sqlite:///{small_disk.path / 'intake.sqlite'}"
    deployment = deploy(database_url=url, app=app)
    seen, counts = on_a_full_disk(deployment, small_disk)
    tell(seen)
    assert (seen == EXPECTED) == (app == "sound")
    assert faults(deployment, counts) == []


def test_postgresql_on_a_full_disk(
    deploy: Deploy, cluster: Cluster, small_tablespace: Disk, tell: Tell
) -> None:
    url = cluster.new_database(tablespace="small")
    deployment = deploy(database_url=url)
    seen, counts = on_a_full_disk(deployment, small_tablespace)
    tell(seen)
    found = faults(deployment, counts)
    cluster.drop(url)
    assert seen == EXPECTED
    assert found == []

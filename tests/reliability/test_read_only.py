"""A database that takes nothing: pages are read, and what is typed stays on its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.reliability.cluster import Cluster
from tests.reliability.conftest import Deploy, Tell, needs, on_both_engines
from tests.reliability.deployment import Deployment
from tests.reliability.stored import faults
from tests.reliability.traffic import REASON, Counts, Person, filled, words_on

# Without this right, root may not write either where the file's mode says so.
BOUND = [
    "setpriv",
    "--bounding-set=-dac_override,-dac_read_search",
    "--inh-caps=-dac_override,-dac_read_search",
]


def seen_while(deployment: Deployment, person: Person) -> Counter[str]:
    """What a person meets whose form is open while nothing can be stored."""
    seen: Counter[str] = Counter()
    for path in ("/", REASON, "/form/check", "/form/sections", "/accessibility"):
        seen[f"read {person.browser.get(path).status}"] += 1
    page = person.browser.get(REASON).text
    for number in range(3):
        words = f"typed {number}"
        reply = person.browser.post(REASON, filled(page, {"main_problem": words}))
        seen[f"written {reply.status}"] += 1
        seen["words kept"] += words_on(reply.text) == words
        seen["asks to come back"] += reply.headers.get("Retry-After") is not None
    return seen


def locked_sqlite(deployment: Deployment, person: Person) -> Counter[str]:
    # Killed, so that the log of the database is there for readers, as after a crash.
    deployment.kill_group()
    files = list(deployment.instance.glob("intake.sqlite*"))
    for file in files:
        file.chmod(0o400)
    deployment.instance.chmod(0o500)
    deployment.start()
    try:
        return seen_while(deployment, person)
    finally:
        deployment.kill_group()
        deployment.instance.chmod(0o700)
        for file in files:
            file.chmod(0o600)
        deployment.start()


def locked_postgresql(cluster: Cluster) -> Callable[[Deployment, Person], Counter[str]]:
    def lock(deployment: Deployment, person: Person) -> Counter[str]:
        cluster.set_for(deployment.database_url, "default_transaction_read_only", "on")
        try:
            return seen_while(deployment, person)
        finally:
            cluster.set_for(deployment.database_url, "default_transaction_read_only", "off")

    return lock


@on_both_engines
def test_reading_goes_on_and_words_are_kept(
    deploy: Deploy, engine_name: str, request: pytest.FixtureRequest, tell: Tell
) -> None:
    lock: Callable[[Deployment, Person], Counter[str]] = locked_sqlite
    if engine_name == "postgresql":
        lock = locked_postgresql(request.getfixturevalue("cluster"))
    needs("setpriv")
    deployment = deploy(engine_name, before=BOUND)
    counts = Counts()
    with deployment.running():
        person = Person(deployment.address, counts, "Ana")
        assert person.step()
        # The control: the same pages while the database takes everything.
        as_ever = seen_while(deployment, person)
        person.keep = "typed 2"
        seen = lock(deployment, person)
        assert person.step(), "it does not take anything afterwards either"
        assert person.send()
    tell({"as ever": dict(as_ever), "read-only": dict(seen)})
    assert as_ever["written 303"]
    assert not as_ever["written 503"]
    assert seen["read 200"] == 5
    assert seen["written 503"] == seen["words kept"] == seen["asks to come back"] == 3
    assert faults(deployment, counts) == []

"""Two windows of one form at the same moment: exactly one wins, and the other is told."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from tests.reliability.conftest import Deploy, Tell, often
from tests.reliability.deployment import Deployment
from tests.reliability.stored import count, faults
from tests.reliability.traffic import (
    REASON,
    Browser,
    Counts,
    Fields,
    Person,
    Reply,
    filled,
    hidden,
    words_on,
)


def other_window(browser: Browser) -> Browser:
    second = Browser(browser.address)
    second.cookies = dict(browser.cookies)
    return second


def at_once(windows: list[Browser], path: str, posts: list[Fields]) -> list[Reply]:
    start = Barrier(len(windows))

    def press(window: Browser, fields: Fields) -> Reply:
        start.wait()
        return window.post(path, fields)

    with ThreadPoolExecutor(len(windows)) as pool:
        return list(pool.map(press, windows, posts))


def raced(deployment: Deployment, times: int) -> Counter[str]:
    """How many windows won each race, and whether the winner's words are what is stored."""
    seen: Counter[str] = Counter()
    person = Person(deployment.address, Counts(), "Ana")
    assert person.step()
    windows = [person.browser, other_window(person.browser)]
    for number in range(times):
        pages = [window.get(REASON).text for window in windows]
        words = [f"race {number} window {each}" for each in (1, 2)]
        posts = [
            filled(page, {"main_problem": each}) for page, each in zip(pages, words, strict=True)
        ]
        replies = at_once(windows, REASON, posts)
        won = [each for each, reply in zip(words, replies, strict=True) if reply.status == 303]
        seen[f"{len(won)} won"] += 1
        seen["the other was told"] += sum(reply.status == 409 for reply in replies)
        seen["the winner's words are stored"] += words_on(windows[0].get(REASON).text) in won
    return seen


def test_of_two_windows_one_wins(deploy: Deploy, engine_name: str, tell: Tell) -> None:
    times = often(15, 100)
    with deploy(engine_name).running() as deployment:
        seen = raced(deployment, times)
    tell(dict(seen))
    assert seen == {
        "1 won": times,
        "the other was told": times,
        "the winner's words are stored": times,
    }


def test_a_server_that_lets_both_win_is_found_out(deploy: Deploy, tell: Tell) -> None:
    with deploy(app="lets_both_windows_win").running() as deployment:
        seen = raced(deployment, often(15, 100))
    tell(dict(seen))
    assert seen["2 won"]


def test_two_windows_send_once(deploy: Deploy, engine_name: str, tell: Tell) -> None:
    times = often(4, 30)
    deployment, counts = deploy(engine_name), Counts()
    with deployment.running():
        for number in range(times):
            person = Person(deployment.address, counts, f"person {number}")
            assert person.step()
            windows = [person.browser, other_window(person.browser)]
            pages = [window.get("/form/check").text for window in windows]
            posts = [[*hidden(page), ("_end", "1")] for page in pages]
            for reply in at_once(windows, "/form/check", posts):
                counts.note(str(reply.status))
            assert person.send()
    versions = count(deployment, "response_versions")
    tell({"versions": versions} | counts.told())
    assert versions == len(counts.sent) == times
    assert counts.broken == 0
    assert faults(deployment, counts) == []

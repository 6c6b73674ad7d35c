"""People at the form, over a real connection, who remember what they were told is saved."""

from __future__ import annotations

import http.client
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from html import unescape
from http.cookies import SimpleCookie
from random import Random
from urllib.parse import urlencode

from tests.web.browser import ANA, NO_SIGNS, SELF

FORM = "application/x-www-form-urlencoded"
REASON = "/form/reason"
TIMEOUT_S = 30
PAUSE_S = 0.05

_INPUT = re.compile(r"<input\b[^>]*>")
_HIDDEN = re.compile(r"""\b(type|name|value)="([^"]*)\"""")
_WORDS = re.compile(r"<textarea\b[^>]*\bname=\"main_problem\"[^>]*>\n?(.*?)</textarea>", re.S)
_REFERENCE = re.compile(r"\b[0-9A-Z]{3}-[0-9A-Z]{3}\b")

Address = tuple[str, int]
Fields = list[tuple[str, str]]


class NoReply(Exception):
    """No whole reply came: nobody knows whether the request was carried out."""


class Refused(Exception):
    """A reply that says that nothing was stored."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Message
    text: str


class Browser:
    """One browser with its cookies; each request on a connection of its own."""

    def __init__(self, address: Address, *, host: str = "") -> None:
        self.address = address
        self.host = host or address[0]
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Reply:
        return self.ask("GET", path)

    def post(self, path: str, fields: Iterable[tuple[str, str]]) -> Reply:
        return self.ask("POST", path, urlencode(list(fields)).encode())

    def ask(self, method: str, path: str, body: bytes | None = None) -> Reply:
        """Send a request; raises `NoReply` where the answer does not come, or not whole."""
        headers = self.headers() | ({"Content-Type": FORM} if body is not None else {})
        connection = http.client.HTTPConnection(*self.address, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise NoReply(type(error).__name__) from error
        finally:
            connection.close()
        self._keep(response.headers)
        return Reply(response.status, response.headers, text)

    def headers(self) -> dict[str, str]:
        told = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"Host": self.host, "Connection": "close"} | ({"Cookie": told} if told else {})

    def _keep(self, headers: Message) -> None:
        for line in headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value


def hidden(html: str) -> Fields:
    """The hidden fields of a page, without the end of the form, which must come last."""
    found = [dict(_HIDDEN.findall(tag)) for tag in _INPUT.findall(html)]
    return [
        (each["name"], unescape(each.get("value", "")))
        for each in found
        if each.get("type") == "hidden" and each.get("name") not in {None, "_end"}
    ]


def filled(html: str, answers: Mapping[str, str], action: str = "continue") -> Fields:
    """What a browser posts when somebody fills a page in and presses a button."""
    return [*hidden(html), *answers.items(), ("action", action), ("_end", "1")]


def words_on(html: str) -> str:
    """What the page shows in its free text."""
    found = _WORDS.search(html)
    return unescape(found[1]).strip() if found else ""


@dataclass
class Counts:
    """What happened to everybody together."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    """What was acknowledged and is not there any more: must stay empty."""
    statuses: Counter[str] = field(default_factory=Counter)
    sent: dict[str, set[str]] = field(default_factory=dict)
    """By reference, the words that the response may hold: those acknowledged last, and perhaps
    those of a later request that nobody answered."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, what: str) -> None:
        with self.lock:
            self.statuses[what] += 1

    def lose(self, what: str) -> None:
        with self.lock:
            self.lost.append(what)

    @property
    def broken(self) -> int:
        """Replies that no fault of the surroundings excuses."""
        return sum(
            number
            for status, number in self.statuses.items()
            if status.isdigit() and int(status) >= 500 and status != "503"
        )

    def told(self) -> dict[str, object]:
        return {
            "acknowledged": self.acknowledged,
            "lost": len(self.lost),
            "sent": len(self.sent),
            "replies": dict(sorted(self.statuses.items())),
        }


class Person:
    """Somebody who fills in the form and tries again until it says that it is saved."""

    def __init__(self, address: Address, counts: Counts, name: str, *, host: str = "") -> None:
        self.address, self.counts, self.name, self.host = address, counts, name, host
        self.written = 0
        self.keep = ""
        """The words that were acknowledged last."""
        self.tried = ""
        """The words of a request that nobody answered."""
        self.begin_anew()

    def begin_anew(self) -> None:
        self.browser = Browser(self.address, host=self.host)
        self.is_inside = self.is_sending = False
        self.keep = self.tried = ""

    def step(self) -> bool:
        """One more thing written down; False when it has to be tried again."""
        # After a send without a reply nobody knows whether it was sent: that comes first.
        return self._tried(self._send if self.is_sending else self._go_on)

    def send(self) -> bool:
        """Send the form and read the reference; False when it has to be tried again."""
        return self._tried(self._send) if self.is_inside else True

    def _tried(self, act: Callable[[], None]) -> bool:
        try:
            act()
        except NoReply as error:
            self.counts.note(str(error))
            return False
        except Refused:
            return False
        return True

    def _go_on(self) -> None:
        if not self.is_inside:
            self._begin()
        if not self.tried:
            self.written += 1
        self._write(self.tried or f"{self.name} wrote {self.written}")

    def _begin(self) -> None:
        # A form whose first pages were not acknowledged is nobody's loss: begin a new one.
        self.begin_anew()
        for path, answers in (("/", SELF), ("/form/right-now", NO_SIGNS), ("/form/about-you", ANA)):
            self._post(path, self._get(path), dict(answers))
        self.is_inside = True

    def _write(self, words: str) -> None:
        page = self._get(REASON)
        shown = words_on(page)
        if shown not in {self.keep, self.tried}:
            self.counts.lose(f"{self.keep!r} was acknowledged, {shown!r} is there")
        self.tried = words
        self._post(REASON, page, {"main_problem": words})
        self.keep, self.tried = words, ""
        with self.counts.lock:
            self.counts.acknowledged += 1

    def _send(self) -> None:
        self.is_sending = True
        reply = self._asked(self.browser.get("/form/check"))
        if reply.status == 200:
            fields = [*hidden(reply.text), ("_end", "1")]
            reply = self._asked(self.browser.post("/form/check", fields))
        if reply.status != 303:
            raise Refused
        # Sent, now or by a request whose reply was lost.
        found = _REFERENCE.search(self._get("/form/sent"))
        assert found, "no reference on the page"
        with self.counts.lock:
            self.counts.sent[found[0]] = {self.keep, self.tried}
            self.counts.acknowledged += 1
        self.begin_anew()

    def _get(self, path: str) -> str:
        reply = self._asked(self.browser.get(path))
        if reply.status == 303 and self.is_inside:
            self.counts.lose(f"{path} of {self.name} is gone")
            self.begin_anew()
        if reply.status != 200:
            raise Refused
        return reply.text

    def _post(self, path: str, page: str, answers: dict[str, str]) -> None:
        reply = self._asked(self.browser.post(path, filled(page, answers)))
        if reply.status != 303:
            raise Refused

    def _asked(self, reply: Reply) -> Reply:
        self.counts.note(str(reply.status))
        return reply


class Crowd:
    """So many people at once, each in a thread, until told to finish."""

    def __init__(
        self, address: Address, people: int = 8, *, host: str = "", pause: float = 0.0
    ) -> None:
        self.counts = Counts()
        self._stop = threading.Event()
        self._pause = pause
        self._failures: list[BaseException] = []
        self._people = [
            Person(address, self.counts, f"person {number}", host=host) for number in range(people)
        ]

    @contextmanager
    def busy(self) -> Iterator[Counts]:
        """Everybody works during the block, and brings what was begun to its end after it."""
        threads = [
            threading.Thread(target=self._live, args=(person, seed), daemon=True)
            for seed, person in enumerate(self._people)
        ]
        for thread in threads:
            thread.start()
        try:
            yield self.counts
        finally:
            self._stop.set()
            for thread in threads:
                thread.join()
        assert not self._failures, self._failures[0]
        for person in self._people:
            self._finish(person)

    def _live(self, person: Person, seed: int) -> None:
        dice = Random(seed)  # noqa: S311 - a crowd, no secret
        try:
            while not self._stop.is_set():
                done = person.send() if dice.random() < 0.1 else person.step()
                self._stop.wait(self._pause if done else PAUSE_S)
        except BaseException as error:
            self._failures.append(error)

    def _finish(self, person: Person) -> None:
        """With the server at rest, everything goes through."""
        for act in (person.step, person.send):
            tries = 0
            while not act():
                tries += 1
                assert tries < 100, f"{person.name} cannot go on: {self.counts.statuses}"
                time.sleep(PAUSE_S)

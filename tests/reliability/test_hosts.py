"""Two hosts behind nginx, one PostgreSQL: a host dies, the database restarts, a release is rolled.

Each host is a network namespace with an address of its own; its program runs in it. The database
and nginx are on a third, this machine.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from intake.store import schema
from tests.reliability.cluster import Cluster, programs
from tests.reliability.conftest import Tell, needs, needs_root, often
from tests.reliability.deployment import ROOT, Deployment, until
from tests.reliability.proxy import Proxy
from tests.reliability.stored import faults
from tests.reliability.traffic import Counts, Crowd

SITE = "intake.example"
NETWORK = f"10.{os.getpid() % 200 + 20}.7"
NEXT = "9999"
NEXT_MIGRATION = '''
"""What the next release adds."""

import sqlalchemy as sa
from alembic import op

revision = "{next}"
down_revision = "{now}"
branch_labels = depends_on = None


def upgrade():
    op.add_column("responses", sa.Column("seen_by", sa.String(32)))
    op.create_index("ix_responses_seen_by", "responses", ["clinic_id", "seen_by"])


def downgrade():
    op.drop_index("ix_responses_seen_by", "responses")
    op.drop_column("responses", "seen_by")
'''


def run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


class Network:
    """A bridge on this machine, and a namespace for each host."""

    def __init__(self, hosts: int) -> None:
        # An interface's name has 15 letters at most.
        self.tag = f"in{uuid4().hex[:6]}"
        self.namespaces = [f"{self.tag}h{number}" for number in range(hosts)]
        run("ip", "link", "add", self.tag, "type", "bridge")
        run("ip", "address", "add", f"{NETWORK}.1/24", "dev", self.tag)
        run("ip", "link", "set", self.tag, "up")
        for number, name in enumerate(self.namespaces):
            inside, outside = f"{self.tag}i{number}", f"{self.tag}o{number}"
            run("ip", "netns", "add", name)
            run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside)
            run("ip", "link", "set", outside, "master", self.tag, "up")
            run("ip", "link", "set", inside, "netns", name)
            within = ("ip", "-n", name)
            run(*within, "address", "add", f"{NETWORK}.{number + 2}/24", "dev", inside)
            run(*within, "link", "set", inside, "up")
            run(*within, "link", "set", "lo", "up")

    def remove(self) -> None:
        for number, name in enumerate(self.namespaces):
            subprocess.run(["ip", "link", "del", f"{self.tag}o{number}"], check=False)
            subprocess.run(["ip", "netns", "del", name], check=False)
        subprocess.run(["ip", "link", "del", self.tag], check=False)


@dataclass
class Site:
    """Everything that a deployment on several machines has."""

    cluster: Cluster
    database_url: str
    hosts: list[Deployment]
    proxy: Proxy
    folder: Path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    needs_root()
    needs("ip", "nginx", "initdb" if programs() is None else "sh")
    network = Network(2)
    cluster = Cluster(listen="*")
    cluster.allow(f"{NETWORK}.0/24")
    cluster.start()
    url = cluster.new_database(host=f"{NETWORK}.1")
    hosts: list[Deployment] = []
    for number, name in enumerate(network.namespaces):
        folder = tmp_path / f"host{number}"
        if hosts:
            shutil.copytree(hosts[0].instance, folder / "instance")
        hosts.append(
            Deployment(
                folder,
                database_url=url,
                environ={"INTAKE_TRUSTED_HOSTS": SITE, "INTAKE_PROXY_HOPS": "1"},
                before=["ip", "netns", "exec", name],
                address=(f"{NETWORK}.{number + 2}", 8000),
                host=SITE,
            )
        )
    for host in hosts:
        host.start()
    proxy = Proxy(tmp_path / "nginx", [host.address for host in hosts], host=SITE)
    with proxy.running():
        yield Site(cluster, url, hosts, proxy, tmp_path)
    for host in hosts:
        host.stop(signal.SIGKILL)
    cluster.remove()
    network.remove()


def going_on(counts: Counts, otherwise: str) -> None:
    """Wait until more answers were acknowledged; `otherwise` is said of those that were not."""
    wanted = counts.acknowledged + 16
    until(lambda: counts.acknowledged > wanted, otherwise)


def busy(site: Site, act: Callable[[Site, Counts], None], times: int) -> Counts:
    """Let a crowd work behind the proxy while something is done, so many times."""
    crowd = Crowd(site.proxy.address, host=SITE)
    with crowd.busy() as counts:
        for number in range(times):
            going_on(counts, f"stuck at {number}")
            act(site, counts)
    return counts


def kill_a_host(site: Site, counts: Counts) -> None:
    dead = site.hosts[counts.acknowledged % 2]
    dead.kill_group()
    wanted = counts.acknowledged + 16
    until(lambda: counts.acknowledged > wanted, "the other host does not serve alone")
    dead.start()


def restart_the_database(site: Site, _: Counts) -> None:
    site.cluster.stop("immediate")
    time.sleep(0.5)
    site.cluster.start()


ACTS = {"kill a host": kill_a_host, "restart the database": restart_the_database}
# A host killed within a reply leaves half of it, which no proxy can make whole: not acknowledged.
CUT = {"kill a host": {"IncompleteRead"}, "restart the database": set()}


@pytest.mark.parametrize("what", ACTS)
def test_two_hosts_lose_nothing(site: Site, what: str, tell: Tell) -> None:
    counts = busy(site, ACTS[what], often(1, 6))
    tell({"times": often(1, 6)} | counts.told())
    assert faults(site.hosts[0], counts) == []
    assert set(counts.statuses) <= {"200", "303", "503", *CUT[what]}


def next_release(folder: Path) -> Path:
    """The program as it is, with one migration more that only adds."""
    code = folder / "next"
    shutil.copytree(ROOT / "intake", code / "intake")
    for name in ("templates", "static"):
        (code / name).symlink_to(ROOT / name)
    file = code / "intake" / "store" / "schema.py"
    text, found = re.subn(
        r'^REVISION = "[^"]+"', f'REVISION = "{NEXT}"', file.read_text(), flags=re.M
    )
    assert found == 1
    file.write_text(text)
    versions = code / "intake" / "store" / "migrations" / "versions"
    (versions / f"v{NEXT}_next.py").write_text(
        NEXT_MIGRATION.format(next=NEXT, now=schema.REVISION)
    )
    return code


def migrate_with(code: Path, host: Deployment) -> None:
    words = (
        "from intake.config import load_settings; from intake.store import migrate; import sys; "
        "migrate.upgrade(load_settings(sys.argv[1], {'DATABASE_URL': sys.argv[2]}))"
    )
    subprocess.run(
        [sys.executable, "-c", words, str(host.instance), host.database_url],
        # Python looks where it is started first.
        cwd=code,
        env={"PYTHONPATH": str(code), "PATH": os.environ["PATH"]},
        check=True,
    )


def roll(site: Site, counts: Counts) -> None:
    """First the tables, under both old hosts; then one host after the other."""
    code = next_release(site.folder)
    migrate_with(code, site.hosts[0])
    # A worker of the old program that dies now is replaced by one.
    old = site.hosts[1]
    os.kill(old.workers()[0], signal.SIGKILL)
    until(lambda: len(old.workers()) == 2, "the old program does not start on the new tables")
    for host in site.hosts:
        assert host.stop() == 0
        host.code = code
        host.start()
        going_on(counts, "nobody gets anywhere")


def test_a_release_is_rolled_under_load(site: Site, tell: Tell) -> None:
    counts = busy(site, roll, 1)
    tell(counts.told())
    with site.hosts[0].store() as store, store.read() as conn:
        assert conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == NEXT
        assert conn.exec_driver_sql("SELECT count(seen_by) FROM responses").scalar() == 0
    assert faults(site.hosts[0], counts) == []
    assert set(counts.statuses) <= {"200", "303", "503"}
    assert counts.broken == 0


def test_hosts_that_reply_before_they_commit_are_found_out(site: Site, tell: Tell) -> None:
    for host in site.hosts:
        host.stop()
        host.choose("replies_before_it_commits")
        host.start()
    counts = busy(site, kill_a_host, often(1, 4))
    tell(counts.told())
    assert counts.lost

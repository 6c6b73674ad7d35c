"""nginx before one or more hosts, as the deployment guide has it: it takes whole requests first."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.reliability.deployment import free_port, until
from tests.reliability.traffic import Browser, NoReply

CONFIG = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    client_body_timeout 30s;
    client_max_body_size 64k;
    upstream hosts {{
{hosts}
    }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://hosts;
            proxy_set_header Host $host;
            proxy_request_buffering on;
            proxy_connect_timeout 2s;
            # A request that changes something is never sent to a second host: the first one may
            # have carried it out.
            proxy_next_upstream error timeout;
            error_page 502 504 =503 @away;
        }}
        location @away {{
            add_header Retry-After 5 always;
            return 503;
        }}
    }}
}}
"""


class Proxy:
    """nginx on a free port of this machine, before `hosts`."""

    def __init__(self, folder: Path, hosts: Sequence[tuple[str, int]], *, host: str = "") -> None:
        self._host = host
        self.port = free_port()
        folder.mkdir()
        servers = "\n".join(
            f"        server {host}:{port} max_fails=1 fail_timeout=2s;" for host, port in hosts
        )
        self._config = folder / "nginx.conf"
        self._config.write_text(CONFIG.format(folder=folder, port=self.port, hosts=servers))

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    @contextmanager
    def running(self) -> Iterator[Proxy]:
        words = ["nginx", "-c", str(self._config), "-p", str(self._config.parent)]
        server = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        try:
            until(self._answers, "nginx does not start")
            yield self
        finally:
            server.terminate()
            server.wait()

    def _answers(self) -> bool:
        try:
            return Browser(self.address, host=self._host).get("/accessibility").status == 200
        except NoReply:
            return False

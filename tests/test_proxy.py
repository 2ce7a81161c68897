"""The guard before Dagster's UI that docs/operate.md recommends: nginx with that very file, before some server."""

import base64
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.documents import PROJECT

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
OPENSSL = shutil.which("openssl")
OWN = "https://backfile.example"

pytestmark = pytest.mark.skipif(not (NGINX and OPENSSL), reason="nginx or openssl is not installed")


class Answers(BaseHTTPRequestHandler):
    """Dagster's part: says yes to everything."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Nothing on the terminal."""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port on which nginx listens."""
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    port = free_port()
    certificate, key = folder / "backfile.pem", folder / "backfile.key"
    made = f"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {key} -out {certificate} -days 1"
    command = [str(OPENSSL), *made.split(), "-subj", "/CN=backfile.example"]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "htpasswd").write_text("ann:{PLAIN}secret\n")
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        guard = (PROJECT / "docs" / "nginx" / "backfile.conf").read_text()
        for written, here in {
            "listen 443": f"listen 127.0.0.1:{port}",
            "/etc/ssl/certs/backfile.pem": str(certificate),
            "/etc/ssl/private/backfile.key": str(key),
            "/etc/nginx/backfile.htpasswd": str(folder / "htpasswd"),
            "127.0.0.1:3000": f"127.0.0.1:{server.server_port}",
        }.items():
            assert written in guard
            guard = guard.replace(written, here)
        (folder / "guard.conf").write_text(guard)
        (folder / "nginx.conf").write_text(
            f"{'user root;' if os.getuid() == 0 else ''} daemon off; pid {folder}/pid; error_log {folder}/errors;\n"
            "events {}\n"
            f"http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;"
            f" fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;"
            f" include {folder}/guard.conf; }}\n"
        )
        nginx = subprocess.Popen([str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf")])
        try:
            for _ in range(200):
                assert nginx.poll() is None, (folder / "errors").read_text()
                with socket.socket() as trial:
                    if trial.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            yield port
        finally:
            nginx.terminate()
            nginx.wait(30)
            server.shutdown()


class Connection(http.client.HTTPSConnection):
    """To this machine, under any name."""

    def __init__(self, port: int, name: str) -> None:
        anything = ssl.create_default_context()
        anything.check_hostname = False
        anything.verify_mode = ssl.CERT_NONE
        self.tls = anything
        self.name = name
        super().__init__("127.0.0.1", port, timeout=60)

    def connect(self) -> None:
        self.sock = self.tls.wrap_socket(socket.create_connection(("127.0.0.1", self.port)), server_hostname=self.name)


def status(port: int, method: str, path: str, host: str = "backfile.example", **headers: str) -> int:
    connection = Connection(port, "backfile.example")
    login = {"Authorization": "Basic " + base64.b64encode(b"ann:secret").decode()}
    connection.request(method, path, headers={"Host": host} | login | headers)
    answer = connection.getresponse().status
    connection.close()
    return answer


MUTATION = "/graphql?query=mutation%7Bx%7D"


@pytest.mark.parametrize(
    ("method", "path", "headers", "expected"),
    [
        ("GET", "/asset-groups", {}, 200),
        ("POST", "/graphql", {"Origin": OWN}, 200),
        ("POST", "/graphql", {}, 200),
        ("GET", "/graphql", {"Origin": OWN, "Upgrade": "websocket", "Connection": "Upgrade"}, 200),
        ("GET", MUTATION, {}, 405),
        ("HEAD", MUTATION, {}, 405),
        ("GET", MUTATION, {"Origin": OWN}, 405),
        ("POST", "/graphql", {"Origin": "https://evil.example"}, 403),
        ("POST", "/graphql", {"Origin": "null"}, 403),
        ("POST", "/graphql", {"Origin": "https://backfile.example.evil.example"}, 403),
        ("GET", "/graphql", {"Origin": "https://evil.example", "Upgrade": "websocket"}, 403),
        ("POST", "/report_asset_materialization/posts", {"Origin": "https://evil.example"}, 403),
        ("POST", "/graphql", {"host": "evil.example"}, 421),
        ("POST", "/graphql", {"host": "127.0.0.1"}, 421),
        ("GET", "/asset-groups", {"Authorization": "Basic bm9ib2R5Og=="}, 401),
    ],
    ids=[
        "a page",
        "the UI's query",
        "curl",
        "the UI's websocket",
        "a mutation by a link",
        "by HEAD",
        "by a link of its own",
        "another site's page",
        "a page without origin",
        "a name that begins alike",
        "another site's websocket",
        "another site's report",
        "a foreign name",
        "an address",
        "a stranger",
    ],
)
def test_what_passes(method: str, path: str, headers: dict[str, str], expected: int, port: int) -> None:
    assert status(port, method, path, **headers) == expected


def test_a_foreign_name_gets_no_handshake(port: int) -> None:
    with pytest.raises(ssl.SSLError):
        Connection(port, "evil.example").request("GET", "/")

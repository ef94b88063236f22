"""The app behind a real nginx: deploy/nginx.conf as it stands, but for ports, files and the certificate."""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from recsys.paths import ROOT
from tests.e2e.conftest import free_port
from tests.e2e.test_app import visit

pytestmark = [pytest.mark.e2e, pytest.mark.process]
NAME = "demo.example.org"


@pytest.fixture(scope="module")
def proxy(serve: Callable[..., str], quick_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app at nginx, which has made its own certificate."""
    if not (nginx := shutil.which("nginx") or shutil.which("/usr/sbin/nginx")):
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    certificate = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={NAME}"]
    subprocess.run(
        ["openssl", "req", *certificate, "-keyout", "key", "-out", "pem"], cwd=folder, check=True, capture_output=True
    )
    app = serve(
        RECSYS_ARTIFACTS_DIR=str(quick_root),
        RECSYS_DATA_DIR=str(folder),
        RECSYS_DOWNLOAD_DIR=str(folder),
        RECSYS_PUBLIC="1",
        STREAMLIT_SERVER_BASE_URL_PATH="recsys",
    )
    http, https = free_port(), free_port()
    ours = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for stands, here in {
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ": f"listen 127.0.0.1:{https} ",
        "/etc/ssl/certs/demo.example.org.pem": f"{folder}/pem",
        "/etc/ssl/private/demo.example.org.key": f"{folder}/key",
        "/var/log/nginx/demo.log": f"{folder}/access.log",
        "/var/log/nginx/demo-errors.log": f"{folder}/errors.log",
        "http://127.0.0.1:8501": app,
    }.items():
        assert stands in ours
        ours = ours.replace(stands, here)
    (folder / "ours.conf").write_text(ours, encoding="utf-8")
    temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy"))
    (folder / "nginx.conf").write_text(
        f"pid {folder}/pid; daemon off; events {{}} http {{ {temporary} include {folder}/ours.conf; }}"
    )
    running = subprocess.Popen([nginx, "-p", str(folder), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"])
    yield f"https://127.0.0.1:{https} http://127.0.0.1:{http} {folder}"
    running.terminate()
    running.wait(timeout=20)


def asked(address: str, **more: Any) -> Any:
    """The answer, also where it is a refusal; the certificate is self-made, and redirects are not followed."""

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    trusting = urllib.request.HTTPSHandler(context=ssl._create_unverified_context())
    request = urllib.request.Request(address, headers={"Host": NAME}, **more)
    try:
        return urllib.request.build_opener(trusting, Stay).open(request, timeout=20)
    except urllib.error.HTTPError as refused:
        return refused


def test_six_lists_come_through_it(browser, proxy: str) -> None:
    https, _, folder = proxy.split()
    context = browser.new_context(ignore_https_errors=True)
    page, refused = context.new_page(), []
    page.on("response", lambda answer: refused.append((answer.status, answer.url)) if answer.status >= 400 else None)
    visit(page, f"{https}/recsys/?ratings=1:5,2:4", ".card .film")
    for name in ("leaderboard", "your_films", "why", "film", "data", "train", "how_it_works"):
        visit(page, f"{https}/recsys/{name}", "h1")
    # On a page's own address Streamlit first asks whether it is the server's.
    assert [it for it in refused if not re.search(r"/recsys/\w+/_stcore/(health|host-config)$", it[1])] == []
    assert "ratings" not in Path(folder, "access.log").read_text()
    context.close()


def test_addresses_sizes_and_headers(proxy: str) -> None:
    https, http, folder = proxy.split()
    plain = asked(f"{http}/recsys/?user=7")
    assert (plain.status, plain.headers["Location"]) == (301, f"https://{NAME}/recsys/?user=7")
    assert asked(f"{https}/recsys?user=7").headers["Location"].endswith("/recsys/?user=7")
    page = asked(f"{https}/recsys/")
    assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert page.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    upload = f"{https}/recsys/_stcore/upload_file/a/b"
    assert asked(upload, data=b"x" * 1000, method="PUT").status == 403  # by the app
    assert asked(upload, data=b"x" * 2_000_000, method="PUT").status == 413  # before it
    logs = [path.read_text() for path in Path(folder).glob("*.log")]
    assert any("/recsys/" in log for log in logs)
    assert not any("user=7" in log for log in logs)

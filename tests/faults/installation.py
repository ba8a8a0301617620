"""The product as docs/admin/install.md says, line by line, on this machine.

What differs: another folder than /etc, ports of our own, a certificate made here, packages that are installed
already, and the ExecStart lines of the units run by us where systemd would.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import string
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.cluster import Cluster
from tests.faults.processes import ROOT, Processes, is_listening, wait_until
from tests.ports import free_port

HOST = "hardware.example.com"
_PASSWORD, _SECRET = "only-for-tests", "a-key-only-for-these-tests-and-long-enough"
_FIRST_PASSWORD = "an elder tree behind the barn"


def steps(page: str) -> list[str]:
    """The indented blocks of a page, in order."""
    blocks = re.findall(r"(?:^ {7}\S[^\n]*\n(?:\n(?= {7}))?)+", page, re.MULTILINE)
    return [textwrap.dedent(block).strip() for block in blocks]


@dataclass
class Installation:
    """What the page made, and how to reach it."""

    folder: Path
    cluster: Cluster
    # Of a mail server.
    mail: int
    port: int = field(default_factory=free_port)
    # Of nginx without TLS, and of the product behind it.
    plain: int = field(default_factory=free_port)
    backend: int = field(default_factory=free_port)
    # Before a port of nginx; empty: it listens on every address.
    listen: str = "127.0.0.1:"
    # What else is somewhere else here: (there, here).
    elsewhere: tuple[tuple[str, str], ...] = ()
    processes: Processes = field(init=False)
    environ: dict[str, str] = field(default_factory=dict)
    # The last lines of what each command said, for when one fails.
    outputs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.processes = Processes(self.folder, self.backend, self.cluster)
        for name in ("etc", "bin", "ssl", "systemd", "nginx/conf.d", "state"):
            (self.folder / name).mkdir(parents=True)
        self.environ = {
            "PATH": f"{self.folder / 'bin'}:/usr/sbin:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "CURL_HOME": str(self.folder),
            # Half a dozen commands, which need not all compile the same.
            "PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX", str(self.folder / "bytecode")),
            **self.cluster.environ,
        }
        make_certificate(self.folder / "ssl")
        (self.folder / ".curlrc").write_text(
            f'connect-to = "{HOST}:443:127.0.0.1:{self.port}"\n'
            f'cacert = "{self.folder / "ssl" / "fullchain.pem"}"\nsilent\nshow-error\n'
        )

    # ---- What a line of the page means here

    def follow(self, page: str) -> None:
        """Do what every block of the page says."""
        for block in steps(page):
            if block.startswith("# /etc/"):
                self._write(block)
                continue
            for line in block.splitlines():
                self.do(line)

    def _here(self, text: str) -> str:
        for there, here in (
            *self.elsewhere,
            ("/opt/hwadmin/.venv/bin/", f"{Path(sys.executable).parent}/"),
            ("/opt/hwadmin", str(ROOT)),
            ("/etc/hwadmin", str(self.folder / "etc")),
            ("/etc/systemd/system", str(self.folder / "systemd")),
            ("/etc/nginx", str(self.folder / "nginx")),
            ("/etc/ssl/hwadmin", str(self.folder / "ssl")),
            ("/usr/local/bin", str(self.folder / "bin")),
            ("/var/lib/hwadmin", str(self.folder / "state")),
            ("127.0.0.1:8000", f"127.0.0.1:{self.backend}"),
            ("127.0.0.1:5432", f"127.0.0.1:{self.cluster.port}"),
            ("127.0.0.1:25\n", f"127.0.0.1:{self.mail}\n"),
            ("listen 443", f"listen {self.listen}{self.port}"),
            ("listen 80;", f"listen {self.listen}{self.plain};"),
            (":PASSWORD@", f":{_PASSWORD}@"),
            ("=SECRET\n", f"={_SECRET}\n"),
        ):
            text = text.replace(there, here)
        return text

    def _write(self, block: str) -> None:
        # What only a test needs: receivers on this machine, and programs that never rest.
        more = "HWADMIN_WEBHOOK_LOOPBACK=1\nHWADMIN_API_REQUESTS_PER_MINUTE=1000000\n"
        name = block.splitlines()[0].removeprefix("# ")
        self.put(name, block + "\n" + (more if name.endswith("/environment") else ""))

    def put(self, name: str, text: str, *, append: bool = False) -> Path:
        """Write a file of the page, or to its end; where it lies here."""
        path = Path(self._here(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if append else "w") as file:
            file.write(self._here(text))
        path.chmod(0o600)
        return path

    def do(self, line: str) -> None:
        """Do what a line of the page says."""
        if line.startswith(("python3.11 -m venv", ".venv/bin/pip install", "useradd", "systemctl daemon-")):
            return  # Installed already; and there is neither systemd nor a need for a user of its own.
        if line.startswith("set -a; . "):
            # As a shell reads it, which is not all that systemd takes.
            read = subprocess.run(
                ["/bin/sh", "-c", f"{self._here(line)}; env -0"], capture_output=True, check=True, env={}
            )
            self.environ |= dict(one.split("=", 1) for one in read.stdout.decode().split("\0") if one)
        elif line.startswith("systemctl enable --now "):
            for unit in line.removeprefix("systemctl enable --now ").split():
                self.start(unit)
        elif line == "nginx -t":
            self._nginx_as_here()
            self.run(f"nginx -t {self._nginx_options}")
        elif line == "systemctl reload nginx":
            self.processes.start("nginx", ["nginx", *shlex.split(self._nginx_options)], self.environ)
            wait_until("nginx listens", lambda: is_listening(self.port))
        else:
            answers = f"{_FIRST_PASSWORD}\n" * 2 if "person create" in line else f"{_PASSWORD}\n" * 2
            self.run(self._here(line), answers)

    def run(self, command: str, answers: str = "") -> str:
        """A command of the page, as a shell runs it; what it is asked is typed in."""
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=ROOT,
            env=self.environ,
            input=answers,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Without a terminal a password is read from what is typed in.
            start_new_session=True,
            check=False,
            timeout=240,
        )
        self.outputs.append(f"$ {command}\n{done.stdout}")
        assert done.returncode == 0 or command == "hwadmin doctor", self.outputs[-1]
        return done.stdout

    # ---- The services

    @staticmethod
    def settings(path: Path) -> dict[str, str]:
        """What a file of settings says."""
        lines = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
        return dict("".join(shlex.split(line)).split("=", 1) for line in lines)

    def start(self, unit: str) -> None:
        """Do what systemd does to start a unit: its ExecStart lines with its settings."""
        if unit.endswith(".socket"):
            files = [self.folder / "systemd" / unit, *(self.folder / "systemd" / f"{unit}.d").glob("*.conf")]
            text = self._here("\n".join(path.read_text() for path in files))
            host, port = re.findall(r"^ListenStream=([\d.]+):(\d+)$", text, re.MULTILINE)[-1]
            self.processes.listening = socket.create_server((host, int(port)), backlog=1024)
            return
        text = (self.folder / "systemd" / f"{unit}.service").read_text().replace("\\\n", " ")
        entries = [line.split("=", 1) for line in text.splitlines() if re.match(r"[A-Z]\w+=", line)]
        environ = dict(self.environ)
        for name, value in entries:
            if name == "EnvironmentFile":
                environ |= self.settings(Path(self._here(value)))
            elif name == "Environment":
                environ |= dict([self._here(value).split("=", 1)])
        once = ["Type", "oneshot"] in entries
        for name, value in entries:
            if name != "ExecStart":
                continue
            line = string.Template(self._here(value)).safe_substitute(environ)
            if once:
                subprocess.run(shlex.split(line), cwd=ROOT, env=environ, check=True, capture_output=True)
            else:
                self.processes.start(unit, shlex.split(line), environ)

    def close(self) -> None:
        """End everything that runs."""
        self.processes.close()

    # ---- The proxy

    @property
    def _nginx_options(self) -> str:
        return f"-p {self.folder} -c {self.folder / 'nginx' / 'nginx.conf'}"

    def _nginx_as_here(self) -> None:
        conf = self.folder / "nginx" / "conf.d" / "hwadmin.conf"
        text = re.sub(r" *listen \[::\][^\n]*\n", "", self._here(conf.read_text()))
        # Everybody in a test has the same address.
        conf.write_text(text.replace("rate=50r/s", "rate=10000r/s"))
        write_main_configuration(self.folder)


def write_main_configuration(folder: Path) -> None:
    """Write the nginx.conf around what lies in ``nginx/conf.d``, for an nginx that keeps all it has here."""
    (folder / "nginx" / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-errors.log;\n"
        "events { worker_connections 1024; }\n"
        f"http {{ access_log off; client_body_temp_path {folder}/nginx/body;\n"
        + "".join(f"{kind}_temp_path {folder}/nginx/{kind};\n" for kind in _TEMPORARY)
        + f"include {folder}/nginx/conf.d/*.conf; }}\n"
    )


def make_certificate(folder: Path) -> None:
    """Make a key and a certificate for the site."""
    subprocess.run(
        shlex.split(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
            f" -keyout privkey.pem -out fullchain.pem -subj /CN={HOST} -addext subjectAltName=DNS:{HOST}"
        ),
        cwd=folder,
        check=True,
        capture_output=True,
    )


_TEMPORARY = ("proxy", "fastcgi", "uwsgi", "scgi")


def has_nginx() -> bool:
    """Whether there is an nginx."""
    return shutil.which("nginx", path=f"/usr/sbin:{os.environ['PATH']}") is not None

"""The programs that the tests of faults start: the server, its IAM stand-in, and load."""

import base64
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request

from receivers import Gate

WITHIN_S = 20
POLL_S = 0.05
# One after the other they make a load that lasts as long as it must.
ROUND_S = 0.4
CLIENT_ID = "muster"
CLIENT_SECRET = "secret"
LOKI_USER = "loki-user"
LOKI_PASSWORD = "loki-pass-word"
# Of the stand-in's tokens for the server itself.
OWN_TOKENS = "login-"
# Every JWT begins with it.
TOKEN_START = "eyJ"


def basic(user: str, password: str) -> str:
    return base64.b64encode(f"{user}:{password}".encode()).decode()


SECRETS = [text.encode() for text in (
    CLIENT_SECRET, LOKI_PASSWORD, OWN_TOKENS, TOKEN_START, "Bearer ",
    basic(CLIENT_ID, CLIENT_SECRET), basic(LOKI_USER, LOKI_PASSWORD))]


def secrets_in(data: bytes) -> list:
    return [secret for secret in SECRETS if secret in data]


def await_condition(what: str, condition, within_s: float = WITHIN_S):
    """What `condition` gives once it is true; fails when it stays false."""
    until = time.monotonic() + within_s
    while not (value := condition()):
        if time.monotonic() > until:
            raise AssertionError(f"after {within_s} s still not: {what}")
        time.sleep(POLL_S)
    return value


def end(process) -> int:
    """SIGTERM to a process that still runs; its exit code."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(timeout=WITHIN_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


class Iam:
    """The stand-in, with a gate in front that the server goes through and the tests do not."""

    def __init__(self, folder: str):
        self.process = subprocess.Popen([os.path.join(folder, "iam_stand_in")],
                                        stdout=subprocess.PIPE, text=True)
        self._url = json.loads(self.process.stdout.readline())["url"]
        self.gate = Gate(int(self._url.rsplit(":", 1)[1]))
        self.url = f"http://127.0.0.1:{self.gate.port}"

    def ask(self, what: str, body: str = "") -> str:
        request = urllib.request.Request(f"{self._url}/test/{what}", body.encode(), method="POST")
        with urllib.request.urlopen(request, timeout=WITHIN_S) as answer:
            return answer.read().decode()

    def token(self, **claims) -> str:
        return self.ask("token", json.dumps(claims))

    def role_token(self, resource: str) -> str:
        """A token whose right comes from a role, which the server must ask for."""
        self.ask(f"role?id=game-server&resource={resource}&action=2")
        return self.token(extend_namespace=None, roles=["game-server"])

    def calls(self, endpoint: str) -> int:
        return int(self.ask(f"calls?endpoint={endpoint}"))

    def dispose(self) -> None:
        self.gate.dispose()
        end(self.process)
        self.process.stdout.close()


class MatchFunction:
    """The server under test on free ports. A thread reads what it logs, unless `reads` is false:
    then nobody does after the record `ready`."""

    def __init__(self, folder: str, environment: dict, reads: bool = True):
        self.records = []
        self.not_json = []
        self.secrets = []
        self._tail = b""
        self.process = subprocess.Popen(
            [os.path.join(folder, "muster-matchfunction")], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=0,
            env={"PATH": os.environ.get("PATH", ""), "BIND_ADDRESS": "127.0.0.1",
                 "GRPC_PORT": "0", "PROMETHEUS_ADDR": "127.0.0.1", "PROMETHEUS_PORT": "0",
                 "LOG_FORMAT": "json", "SHUTDOWN_DELAY_MS": "0", **environment})
        self._reader = threading.Thread(target=self._read)
        try:
            self._await_ready(reads)
        except AssertionError:
            self.stop()
            raise
        self.ready = self.said("ready")[0]
        self.address = self.ready["grpc"]

    def _await_ready(self, reads: bool) -> None:
        if reads:
            self._reader.start()
            await_condition("the server is ready", lambda: self.said("ready"))
        while not self.said("ready"):
            data = os.read(self.process.stdout.fileno(), 4096)
            if not data:
                raise AssertionError(f"the server ended: {self.records}")
            self._take(data)

    def _take(self, data: bytes) -> None:
        """Keeps the records, but for those of calls, which are many."""
        text = self._tail + data
        self.secrets += secrets_in(text)
        *lines, self._tail = text.split(b"\n")
        for line in lines:
            if not (line.startswith(b'{"time":"') and line.endswith(b"}")):
                self.not_json.append(line)
            elif b'"msg":"call ended"' not in line:
                self.records.append(json.loads(line))

    def _read(self) -> None:
        while data := os.read(self.process.stdout.fileno(), 1 << 20):
            self._take(data)

    def read_on(self) -> None:
        self._reader.start()

    def said(self, message: str, **fields) -> list:
        return [record for record in list(self.records) if record["msg"] == message
                and all(record.get(name) == value for name, value in fields.items())]

    def metric(self, name: str, **labels) -> float:
        text = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
        series = f"appServer_{name}{{{text}}}" if text else f"appServer_{name}"
        url = f"http://{self.ready['metrics']}/metrics"
        with urllib.request.urlopen(url, timeout=WITHIN_S) as answer:
            page = answer.read().decode()
        found = re.search(f"^{re.escape(series)} (.*)$", page, re.M)
        if found is None:
            raise AssertionError(f"no series {series}")
        return float(found.group(1))

    def sent(self, exporter: str) -> float:
        return self.metric("exporter_records_sent_total", exporter=exporter)

    def failed(self, exporter: str) -> float:
        return self.metric("exporter_failed_attempts_total", exporter=exporter)

    def dropped(self, exporter: str, reason: str) -> float:
        return self.metric("exporter_records_dropped_total", exporter=exporter, reason=reason)

    def queued(self, exporter: str) -> float:
        return self.metric("exporter_queued_bytes", exporter=exporter)

    def memory_kib(self, which: str = "VmRSS") -> int:
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(rf"^{which}:\s*(\d+) kB", file.read(), re.M).group(1))

    def stop(self) -> int:
        code = end(self.process)
        if self._reader.ident is not None:
            self._reader.join()
        self.process.stdout.close()
        return code


class Musterctl:
    """Calls of a server with a token."""

    def __init__(self, folder: str, address: str):
        self._program = os.path.join(folder, "musterctl")
        self._address = address

    def run(self, command: str, *flags: str) -> subprocess.CompletedProcess:
        return subprocess.run([self._program, command, "--target", self._address, *flags],
                              capture_output=True, text=True, timeout=WITHIN_S, check=False)

    def serves(self) -> bool:
        return self.run("health").returncode == 0

    def call(self, token: str) -> str:
        """"" when the call went well, else what musterctl says."""
        done = self.run("stat-codes", "--token", token)
        return "" if done.returncode == 0 else done.stderr + done.stdout or "(failed)"

    def load(self, token: str, seconds: float, method: str = "validate") -> dict:
        """The account of many calls, none of which may fail."""
        done = self.run("load", "--token", token, "--json", "--duration", str(seconds),
                        "--in-flight", "4", "--generate", "50", "--method", method,
                        "--timeout", "5")
        if done.returncode != 0 or json.loads(done.stdout)["errors"] != 0:
            raise AssertionError(f"calls failed: {done.stdout}{done.stderr}")
        return json.loads(done.stdout)


class Load:
    """Calls in the background for the time of a `with`, which fails if one of them did."""

    def __init__(self, ctl: Musterctl, token: str):
        self._ctl = ctl
        self._token = token
        self._end = threading.Event()
        self._accounts = []
        self._problem = None
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            while not self._end.is_set():
                self._accounts.append(self._ctl.load(self._token, ROUND_S))
        except (AssertionError, subprocess.SubprocessError) as problem:
            self._problem = problem

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._end.set()
        self._thread.join()
        if self._problem is not None:
            raise AssertionError(f"under load: {self._problem}")

    def rate(self) -> int:
        """Calls a second, once it has ended."""
        return round(sum(each["calls"] for each in self._accounts)
                     / sum(each["seconds"] for each in self._accounts))

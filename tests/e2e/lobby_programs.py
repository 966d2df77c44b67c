"""The lobby and its game servers, as the end-to-end tests start and ask them."""

import http.client
import json
import os
import re
import signal
import subprocess
import threading
import time
import urllib.request

import websocket

from programs import WITHIN_S, await_condition, end

ADMIN_TOKEN = "admin-token-of-the-tests"
# As short as the house's rules for tests of faults have it.
LEASE_MS = 300


class Answer:
    """What the lobby said."""

    def __init__(self, status: int, headers, body: bytes):
        self.status = status
        self.headers = headers
        self.text = body.decode()

    def json(self):
        return json.loads(self.text)

    def __repr__(self) -> str:
        return f"{self.status} {self.text!r}"


def deployment_of(work: str) -> str:
    """The name of a lobby that works in this folder."""
    return "t" + re.sub("[^a-z0-9]", "", os.path.basename(work).lower())[-12:]


def call(address: str, method: str, path: str, headers: dict, within_s: float = WITHIN_S) -> Answer:
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=within_s)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


class Lobby:
    """A lobby on a free port; its game servers are processes unless `environment` says otherwise.
    `folder` holds the programs, `work` is where it keeps its file, and game servers their output.
    A second one with the same `work` is the same lobby, started again."""

    def __init__(self, folder: str, work: str, **environment):
        self.records = []
        self._folder = folder
        self._tail = b""
        values = {
            "PATH": os.environ.get("PATH", ""), "LOBBY_AUTH": "dev", "HTTP_PORT": "0",
            "BIND_ADDRESS": "127.0.0.1", "PROMETHEUS_ADDR": "127.0.0.1",
            "LOBBY_PROMETHEUS_PORT": "0", "LOG_FORMAT": "json", "ENABLE_LOKI": "false",
            "ENABLE_ZIPKIN": "false", "SHUTDOWN_DELAY_MS": "0", "ADMIN_TOKEN": ADMIN_TOKEN,
            "STORE_URL": f"sqlite:{work}/lobby.db", "SERVER_RUN_DIR": f"{work}/servers",
            "DEPLOYMENT": deployment_of(work),
            "LEASE_TTL_MS": str(LEASE_MS), "CLIENT_CALLS_PER_SECOND": "0", **environment}
        self.deployment = values["DEPLOYMENT"]
        self.process = subprocess.Popen(
            [os.path.join(folder, "muster-lobby")], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, bufsize=0, env=values)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        try:
            await_condition("the lobby is ready", self._is_ready_or_dead)
            self.ready = self.said("ready")[0]
        except (AssertionError, IndexError):
            self.kill()
            raise AssertionError(f"the lobby did not start: {self.records}") from None
        self.address = self.ready["http"]

    def _is_ready_or_dead(self) -> bool:
        return bool(self.said("ready")) or self.process.poll() is not None

    def _read(self) -> None:
        while data := os.read(self.process.stdout.fileno(), 1 << 20):
            *lines, self._tail = (self._tail + data).split(b"\n")
            self.records += [json.loads(line) for line in lines if line.startswith(b"{")]

    def said(self, message: str, **fields) -> list:
        return [record for record in list(self.records) if record["msg"] == message
                and all(record.get(name) == value for name, value in fields.items())]

    def call(self, method: str, path: str, client: str = "", **headers) -> Answer:
        if client:
            headers["Authorization"] = client
        return call(self.address, method, path, headers)

    def admin(self, method: str, path: str) -> Answer:
        return self.call(method, path, f"Bearer {ADMIN_TOKEN}")

    def request(self, client: str) -> Answer:
        return self.call("POST", "/request", client)

    def await_address(self, client: str, within_s: float = WITHIN_S) -> str:
        """Polls as a client of the earlier orchestrator does, but quicker."""
        def address():
            answer = self.request(client)
            if answer.status not in (200, 202):
                raise AssertionError(f"{client}: {answer}")
            return answer.text if answer.status == 200 else None
        return await_condition(f"{client} has a slot", address, within_s)

    def servers(self) -> list:
        answer = self.admin("GET", "/v1/servers")
        if answer.status != 200:
            raise AssertionError(f"servers: {answer}")
        return answer.json()

    def metric(self, name: str, **labels) -> float:
        text = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
        series = f"musterLobby_{name}{{{text}}}" if text else f"musterLobby_{name}"
        url = f"http://{self.ready['metrics']}/metrics"
        with urllib.request.urlopen(url, timeout=WITHIN_S) as answer:
            found = re.search(f"^{re.escape(series)} (.*)$", answer.read().decode(), re.M)
        return float(found.group(1)) if found else 0.0

    def memory_kib(self) -> int:
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"^VmRSS:\s*(\d+) kB", file.read(), re.M).group(1))

    def kill(self) -> None:
        """kill -9, without a word to anybody."""
        if self.process.poll() is None:
            self.process.kill()
        self._finish()

    def stop(self) -> int:
        code = end(self.process)
        self._finish()
        return code

    def _finish(self) -> None:
        self.process.wait()
        self._reader.join()
        if not self.process.stdout.closed:
            self.process.stdout.close()


def environment_of(pid: int) -> dict:
    """That of a process; empty when it is gone."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            pairs = file.read().decode(errors="replace").split("\0")
        return dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    except OSError:
        return {}


def game_server_pids(deployment: str) -> dict:
    """pid -> server id of the game servers that run as processes of a deployment."""
    found = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        values = environment_of(int(name))
        if values.get("SERVER_ID") and values.get("MUSTER_DEPLOYMENT") == deployment:
            found[int(name)] = values["SERVER_ID"]
    return found


def kill_game_servers(deployment: str) -> None:
    for pid in game_server_pids(deployment):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


class Socket:
    """A WebSocket that speaks JSON."""

    def __init__(self, url: str, **headers):
        self._socket = websocket.create_connection(
            url, timeout=WITHIN_S, header=[f"{name}: {value}" for name, value in headers.items()])

    def send(self, **message) -> None:
        self._socket.send(json.dumps(message))

    def receive(self) -> dict:
        return json.loads(self._socket.recv())

    def receive_until(self, kind: str) -> dict:
        until = time.monotonic() + WITHIN_S
        while time.monotonic() < until:
            message = self.receive()
            if message["type"] == kind:
                return message
        raise AssertionError(f"no message {kind}")

    def close(self) -> None:
        self._socket.close()


def lobby_socket(lobby: Lobby, client: str) -> Socket:
    return Socket(f"ws://{lobby.address}/v1/ws", Authorization=client)


def join(address: str, client: str) -> Socket:
    """A player on a game server."""
    return Socket(f"ws://{address}/?user_id={client}")

"""Docker Engines as the end-to-end tests look at them, by the command `docker`: of one engine
containers, of a Swarm services. DOCKER_HOST says which. And a Redis server."""

import json
import os
import signal
import socket
import subprocess

from programs import await_condition, end

# An engine loads what it keeps, on a busy machine.
ENGINE_WITHIN_S = 60


def docker(*arguments: str) -> str:
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"docker {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def inspect(kind: str, ids: set) -> list:
    """What the engine knows of each; those that go meanwhile are left out."""
    if not ids:
        return []
    done = subprocess.run(["docker", kind, "inspect", *ids], capture_output=True, text=True,
                          check=False)
    return json.loads(done.stdout)


def engine_answers() -> bool:
    done = subprocess.run(["docker", "info"], capture_output=True, check=False)
    return done.returncode == 0


class Containers:
    """The game servers of a deployment on one engine."""

    def __init__(self, deployment: str):
        self._filter = f"label=muster.deployment={deployment}"

    def ids(self, running_only: bool = False) -> set:
        which = () if running_only else ("--all",)
        return set(docker("ps", "--quiet", "--no-trunc", *which, "--filter", self._filter).split())

    def inspect(self) -> list:
        return inspect("container", self.ids())

    def kill(self, *ids: str) -> None:
        """kill -9 of the program in it; the container stays."""
        docker("kill", *(ids or self.ids(running_only=True)))

    def remove(self) -> set:
        """Whatever is there; gives what it was."""
        if ids := self.ids():
            docker("rm", "--force", *ids)
        return ids

    def at(self, address: str) -> str:
        """The id of the one that players reach there."""
        port = address.rsplit(":", 1)[1]
        return next(each["Id"] for each in self.inspect()
                    if any(binding["HostPort"] == port
                           for bindings in each["NetworkSettings"]["Ports"].values()
                           for binding in bindings or []))


class Services:
    """The game servers of a deployment on a Swarm."""

    def __init__(self, deployment: str):
        self._filter = f"label=muster.deployment={deployment}"

    def ids(self) -> set:
        return set(docker("service", "ls", "--quiet", "--filter", self._filter).split())

    def inspect(self) -> list:
        return inspect("service", self.ids())

    def remove(self) -> set:
        if ids := self.ids():
            docker("service", "rm", *ids)
        return ids


class EngineProcess:
    """A dockerd that can be stopped and started: scripts/engine.sh says where its pid is."""

    def __init__(self, pid_file: str):
        self._pid_file = pid_file
        with open(f"/proc/{self._pid()}/cmdline", encoding="utf-8") as file:
            self._command = file.read().rstrip("\0").split("\0")

    def _pid(self) -> int:
        with open(self._pid_file, encoding="ascii") as file:
            return int(file.read())

    def stop(self) -> None:
        """Its containers end with it."""
        os.kill(self._pid(), signal.SIGTERM)
        # It takes the file away as it ends.
        await_condition("the engine has ended", lambda: not os.path.exists(self._pid_file),
                        ENGINE_WITHIN_S)

    def start(self) -> None:
        # A child of nobody here: it outlives the test, and ends with the script.
        subprocess.run(["setsid", "--fork", *self._command], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        await_condition("the engine answers", engine_answers, ENGINE_WITHIN_S)


class RedisServer:
    """On a free port; what it is told is on the disk before it answers."""

    def __init__(self, folder: str):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process = subprocess.Popen(
            ["redis-server", "--port", str(self._port), "--bind", "127.0.0.1", "--dir", folder,
             "--appendonly", "yes", "--appendfsync", "always", "--save", ""],
            stdout=subprocess.DEVNULL)
        await_condition("redis answers", self._answers)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self) -> None:
        end(self._process)

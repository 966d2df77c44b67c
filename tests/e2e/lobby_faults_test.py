#!/usr/bin/env python3
"""The lobby while it, its game servers, its disk or its Redis fail. Whatever happens: no request is
lost, no player is stuck or holds two slots, and nothing is left running.

    python3 tests/e2e/lobby_faults_test.py path/to/bin

Needs Debian's python3-websocket and redis-server, and root for a disk that is full.
"""

import concurrent.futures
import http.client
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True

import lobby_programs  # noqa: E402
from lobby_programs import Lobby, lobby_socket  # noqa: E402
from programs import WITHIN_S, await_condition, end  # noqa: E402

SOAK = int(os.environ.get("SOAK", "1"))
SEED = int(os.environ.get("MUSTER_SEED", "1"))
KILLS = 100 * SOAK
SLOTS = 4
CLIENTS = 24
NOT_THERE = (ConnectionError, http.client.HTTPException, OSError)
DISK_BYTES = 512 << 10


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def need(missing: str, test: unittest.TestCase) -> None:
    """A part that is not there: a failure in CI, else said loudly."""
    if not missing:
        return
    if os.environ.get("CI") == "true":
        test.fail(missing)
    print(f"******** SKIPPED: {missing} ********", file=sys.stderr)
    test.skipTest(missing)


def control_addresses(deployment: str) -> list:
    """Where the running game servers of a deployment answer."""
    ports = [lobby_programs.environment_of(pid).get("CONTROL_PORT")
             for pid in lobby_programs.game_server_pids(deployment)]
    return [f"127.0.0.1:{port}" for port in ports if port]


def slots_used(deployment: str) -> int:
    return sum(lobby_programs.call(address, "GET", "/status", {}).json()["used"]
               for address in control_addresses(deployment))


class Players:
    """Clients who ask, sometimes change their mind, and never mind a lobby that is away."""

    def __init__(self, lobby_address: str, count: int, seed: int):
        self._address = lobby_address
        self._end = threading.Event()
        self._problems = []
        self.answered = 0
        self.names = [f"player-{i}" for i in range(count)]
        self._threads = [threading.Thread(target=self._play, args=(name, random.Random(seed + i)))
                         for i, name in enumerate(self.names)]

    def _call(self, method: str, path: str, name: str):
        try:
            return lobby_programs.call(self._address, method, path, {"Authorization": name})
        except NOT_THERE:
            time.sleep(0.01)
            return None

    def _cancel(self, name: str) -> None:
        mine = self._call("GET", "/v1/requests", name)
        if mine is not None and mine.status == 200 and mine.json():
            self._call("DELETE", "/v1/requests/" + mine.json()[0]["id"], name)

    def _play(self, name: str, chance: random.Random) -> None:
        while not self._end.is_set():
            answer = self._call("POST", "/request", name)
            self.answered += answer is not None
            if answer is not None and answer.status not in (200, 202, 503):
                self._problems.append(f"{name}: {answer}")
            if answer is not None and answer.status == 200 and chance.random() < 0.3:
                self._cancel(name)
            time.sleep(chance.random() * 0.02)

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()
        if self._problems:
            raise AssertionError(self._problems[:5])


class FaultTest(unittest.TestCase):
    bin = ""

    def setUp(self):
        self.work = tempfile.mkdtemp(prefix="muster-e2e-")
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)
        self.deployment = lobby_programs.deployment_of(self.work)
        self.addCleanup(self.assert_nothing_is_left)
        self.port = free_port()
        self.lobbies = []

    def start(self, **environment) -> Lobby:
        lobby = Lobby(self.bin, self.work, **{"HTTP_PORT": str(self.port), "SERVER_MAX": "20",
                                              "SERVER_SLOTS": str(SLOTS), **environment})
        self.lobbies.append(lobby)
        self.addCleanup(lobby.kill)
        return lobby

    def stop_all(self) -> None:
        for lobby in self.lobbies:
            if lobby.process.poll() is None:
                self.assertEqual(lobby.stop(), 0)

    def assert_nothing_is_left(self) -> None:
        left = lobby_programs.game_server_pids(self.deployment)
        lobby_programs.kill_game_servers(self.deployment)
        self.assertEqual(left, {}, "game servers were left running")

    def assert_each_has_one_slot(self, lobby: Lobby, names: list) -> None:
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            addresses = list(pool.map(lambda name: lobby.await_address(name, 60), names))
        counts = {address: addresses.count(address) for address in addresses}
        self.assertLessEqual(max(counts.values()), SLOTS, counts)
        await_condition("slots that nobody has were given back",
                        lambda: slots_used(self.deployment) == len(names))

    def test_the_lobby_is_killed_again_and_again(self):
        print(f"seed {SEED}, {KILLS} kills", file=sys.stderr)
        chance = random.Random(SEED)
        lobby = self.start()

        with Players(lobby.address, CLIENTS, SEED) as players:
            for _ in range(KILLS):
                time.sleep(chance.random() * 0.25)
                lobby.kill()
                lobby = self.start()

        self.assertGreater(players.answered, KILLS, "there was no load")
        self.assert_each_has_one_slot(lobby, players.names)
        self.stop_all()

    def test_game_servers_are_killed_again_and_again(self):
        chance = random.Random(SEED)
        lobby = self.start()

        with Players(lobby.address, CLIENTS, SEED) as players:
            for _ in range(20 * SOAK):
                time.sleep(chance.random() * 0.2)
                pids = await_condition("a game server runs", lambda: sorted(
                    lobby_programs.game_server_pids(self.deployment)))
                os.kill(chance.choice(pids), signal.SIGKILL)

        self.assert_each_has_one_slot(lobby, players.names)
        self.stop_all()

    def test_a20_a_server_that_hangs_costs_less_than_one_reservation_timeout(self):
        timeout_s = 4
        # A lease that is lost on a busy machine would cost more than what is measured.
        lobby = self.start(RESERVATION_TIMEOUT=str(timeout_s * 1000), SERVER_MIN_READY="4",
                           LEASE_TTL_MS="10000")
        # The fullest with room comes first: the one that hangs.
        hung = self._pid_of(lobby.await_address("a"))
        await_condition("others have room", lambda: sum(
            server["state"] == "ready" for server in lobby.servers()) == 5)
        os.kill(hung, signal.SIGSTOP)
        self.addCleanup(self._resume, hung)

        began = time.monotonic()
        lobby.await_address("b")

        self.assertLess(time.monotonic() - began, timeout_s)
        self._resume(hung)
        self.stop_all()

    def _pid_of(self, address: str) -> int:
        port = address.rsplit(":", 1)[1]
        return next(pid for pid in lobby_programs.game_server_pids(self.deployment)
                    if lobby_programs.environment_of(pid).get("GAME_PORT") == port)

    def _resume(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass

    def test_a_full_disk_is_told_and_mends_itself(self):
        need("" if os.geteuid() == 0 else "a full disk needs root to mount one", self)
        disk = os.path.join(self.work, "disk")
        os.mkdir(disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", disk],
                       check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        lobby = self.start(STORE_URL=f"sqlite:{disk}/lobby.db", SERVER_MAX="60")
        address = lobby.await_address("alice")
        filler = os.path.join(disk, "filler")
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(4096))
            except OSError:
                pass

        names = [f"player-{i}" for i in range(200)]
        answers = [lobby.request(name) for name in names]
        self.assertIn(503, {answer.status for answer in answers})
        self.assertLessEqual({answer.status for answer in answers}, {200, 202, 503})
        self.assertEqual(lobby.call("GET", "/readyz").status, 503)
        os.unlink(filler)

        self.assertEqual(lobby.await_address("alice"), address)
        await_condition("it is ready again", lambda: lobby.call("GET", "/readyz").status == 200)
        taken = [name for name, answer in zip(names, answers) if answer.status != 503]
        # Asked already, and never again: what was answered is not lost.
        for name in taken[-5:]:
            await_condition(f"{name} has a slot", lambda: lobby.call(
                "GET", "/v1/requests", name).json()[0]["state"] == "done")
        lobby.await_address("bob", 60)
        self.stop_all()

    def test_a_taken_port_is_named(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            with self.assertRaisesRegex(AssertionError, str(taken.getsockname()[1])):
                self.start(HTTP_PORT=str(taken.getsockname()[1]))


class RedisFaultTest(FaultTest):
    """Several lobbies over one Redis."""

    def setUp(self):
        super().setUp()
        need("" if shutil.which("redis-server") else "redis-server is not installed", self)
        self.redis_port = free_port()
        self.redis = None
        self.start_redis()
        self.addCleanup(self.stop_redis)

    def start_redis(self) -> None:
        self.redis = subprocess.Popen(
            ["redis-server", "--port", str(self.redis_port), "--bind", "127.0.0.1", "--dir",
             self.work, "--appendonly", "yes", "--appendfsync", "always", "--save", ""],
            stdout=subprocess.DEVNULL)
        await_condition("redis answers", self._redis_answers)

    def _redis_answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.redis_port), 1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def stop_redis(self) -> None:
        if self.redis is not None:
            end(self.redis)
            self.redis = None

    def start(self, **environment) -> Lobby:
        return super().start(**{"STORE_URL": f"redis://127.0.0.1:{self.redis_port}/0",
                                **environment})

    def start_two(self) -> list:
        return [self.start(HTTP_PORT="0"), self.start(HTTP_PORT="0")]

    def owner_of(self, lobbies: list) -> Lobby:
        return await_condition("one owns the fleet", lambda: next(
            (lobby for lobby in lobbies if lobby.metric("fleet_owner") == 1), None))

    def test_any_replica_answers_any_player(self):
        one, other = self.start_two()

        address = one.await_address("alice")

        self.assertEqual(other.request("alice").text, address)
        self.assertEqual(other.await_address("bob"), one.await_address("bob"))
        self.stop_all()

    def test_a_push_crosses_replicas(self):
        one, other = self.start_two()
        player = lobby_socket(one, "alice")
        self.addCleanup(player.close)
        player.send(type="subscribe", topic="requests")
        self.assertEqual(player.receive()["type"], "subscribed")

        other.request("alice")

        self.assertIn("address", player.receive_until("request.ready")["data"])
        self.stop_all()

    def test_another_replica_takes_over_from_an_owner_that_is_killed(self):
        lobbies = self.start_two()
        owner = self.owner_of(lobbies)
        other = next(lobby for lobby in lobbies if lobby is not owner)
        address = other.await_address("alice")
        other.request("bob")

        owner.kill()

        self.assertEqual(other.await_address("alice"), address)
        other.await_address("bob")
        self.assert_each_has_one_slot(other, ["alice", "bob", "carol"])
        self.stop_all()

    def test_an_owner_that_stalls_loses_the_fleet_and_harms_nobody(self):
        lobbies = self.start_two()
        owner = self.owner_of(lobbies)
        other = next(lobby for lobby in lobbies if lobby is not owner)
        os.kill(owner.process.pid, signal.SIGSTOP)

        names = [f"player-{i}" for i in range(8)]
        for name in names:
            other.await_address(name)
        os.kill(owner.process.pid, signal.SIGCONT)

        await_condition("it knows", lambda: owner.metric("fleet_owner") == 0)
        self.assert_each_has_one_slot(owner, names)
        self.stop_all()

    def test_redis_stops_and_comes_back(self):
        lobby = self.start()
        address = lobby.await_address("alice")

        self.stop_redis()
        self.assertEqual(lobby.request("bob").status, 503)
        self.assertEqual(lobby.call("GET", "/readyz").status, 503)
        self.assertEqual(lobby.call("GET", "/healthz").status, 200)
        self.start_redis()

        await_condition("it is ready again", lambda: lobby.call("GET", "/readyz").status == 200)
        self.assertEqual(lobby.await_address("alice"), address)
        lobby.await_address("bob")
        self.stop_all()

    def test_roles_can_live_apart(self):
        front = self.start(HTTP_PORT="0", LOBBY_ROLES="http")
        self.assertEqual(front.request("alice").status, 202)

        worker = self.start(HTTP_PORT="0", LOBBY_ROLES="worker",
                            LOBBY_URL=f"http://{front.address}")

        front.await_address("alice")
        self.assertEqual(worker.call("POST", "/request", "alice").status, 404)
        self.stop_all()


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    FaultTest.bin = os.path.abspath(sys.argv.pop(1))
    return 0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())

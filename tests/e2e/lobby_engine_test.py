#!/usr/bin/env python3
"""The lobby with game servers as containers of a real Docker Engine, or as services of a real
Swarm. engine_test.sh starts these and says where they are.

    python3 tests/e2e/lobby_engine_test.py path/to/bin DockerTest|SwarmTest|RestartTest

DOCKER_HOST: the engine; for Swarm the manager, and SWARM_NODE_PIDS the folder with the pids of the
nodes' engines; for Restart ENGINE_PID_FILE has the engine's. GAME_IMAGE: the image of
muster-gameserver there. Needs Debian's python3-websocket and redis-server.
"""

import concurrent.futures
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

import lobby_programs  # noqa: E402
from engines import Containers, EngineProcess, RedisServer, Services  # noqa: E402
from lobby_faults_test import NOT_THERE, SEED, SOAK, Players, free_port  # noqa: E402
from lobby_programs import Lobby, Socket, join, lobby_socket  # noqa: E402
from programs import await_condition  # noqa: E402

# Three nodes on two cores take their time.
WITHIN_S = 60
SLOTS = 3
CLIENTS = 12
# As scripts/swarm.sh has them.
MANAGER = "node1"
NODE_NETWORK = "10.213.77."
# Where no registry is, which an engine learns at once.
NO_IMAGE = "127.0.0.1:9/nowhere:1"


def slots_used_at(host: str) -> int:
    """Of a container at its own address; one that is not up or no more has none."""
    if not host:
        return 0
    try:
        return lobby_programs.call(f"{host}:3000", "GET", "/status", {}).json()["used"]
    except NOT_THERE:
        return 0


class EngineTest(unittest.TestCase):
    """A lobby of its own for each test; at the end nothing of it may be left on the engine."""

    bin = ""
    backend = ""
    servers_class = None

    def setUp(self):
        self.work = tempfile.mkdtemp(prefix="muster-e2e-")
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)
        self.engine = self.servers_class(lobby_programs.deployment_of(self.work))
        self.addCleanup(self.assert_nothing_is_left)
        self.lobbies = []
        self.addCleanup(self.end_all)

    def start(self, **environment) -> Lobby:
        lobby = Lobby(self.bin, self.work, **{
            "CONTAINER_BACKEND": self.backend, "DOCKER_HOST": os.environ["DOCKER_HOST"],
            "IMAGE_TO_PULL": os.environ["GAME_IMAGE"], "SERVER_SLOTS": str(SLOTS),
            "SERVERS_ON_SHUTDOWN": "stop", "SERVER_STOP_TIMEOUT": "1000",
            "SHUTDOWN_SERVERS_MS": "15000", "CONVERGE_VERIFY_RETRY_TIMES": "60", **environment})
        self.lobbies.append(lobby)
        return lobby

    def end_all(self) -> None:
        for lobby in self.lobbies:
            if lobby.process.poll() is None:
                self.assertEqual(lobby.stop(), 0)

    def assert_nothing_is_left(self) -> None:
        await_condition("the lobby has ended", lambda: all(
            lobby.process.poll() is not None for lobby in self.lobbies))
        self.assertEqual(self.engine.remove(), set(), "game servers were left running")

    def await_address(self, lobby: Lobby, client: str) -> str:
        return lobby.await_address(client, WITHIN_S)

    def await_addresses(self, lobbies: list, clients) -> dict:
        """All at once, each at one of the lobbies."""
        with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
            return dict(zip(clients, pool.map(
                lambda i: self.await_address(lobbies[i % len(lobbies)], clients[i]),
                range(len(clients)))))

    def assert_players_fit(self, addresses: dict) -> None:
        """Nobody shares a slot."""
        counts = {}
        for address in addresses.values():
            counts[address] = counts.get(address, 0) + 1
        self.assertLessEqual(max(counts.values()), SLOTS, counts)

    def assert_joins(self, address: str, client: str) -> None:
        player = join(address, client)
        self.addCleanup(player.close)
        self.assertEqual(player.receive_until("welcome")["player"], client)

    def subscribed(self, lobby: Lobby, client: str) -> Socket:
        player = lobby_socket(lobby, client)
        self.addCleanup(player.close)
        player.send(type="subscribe", topic="requests")
        self.assertEqual(player.receive()["type"], "subscribed")
        return player

    def cancel(self, lobby: Lobby, client: str) -> None:
        one = lobby.call("GET", "/v1/requests", client).json()[0]["id"]
        self.assertEqual(lobby.call("DELETE", f"/v1/requests/{one}", client).status, 202)

    def await_refusal(self, lobby: Lobby, client: str) -> str:
        """202 and again 202, then 503 that says when to come again; why."""
        answers = []
        await_condition("the attempts are used up", lambda: (
            answers.append(lobby.request(client)) or answers[-1].status == 503), WITHIN_S)
        self.assertEqual({answer.status for answer in answers[:-1]}, {202})
        self.assertGreaterEqual(int(answers[-1].headers["Retry-After"]), 1)
        return answers[-1].text

    def check_first_player(self, lobby: Lobby) -> str:
        """Done when: an address within two polls one second apart, and a player can join there."""
        self.assertEqual(lobby.request("alice").status, 202)
        for _ in range(2):
            time.sleep(1)
            answer = lobby.request("alice")
            if answer.status == 200:
                break
        self.assertEqual(answer.status, 200, answer)
        self.assert_joins(answer.text, "alice")
        return answer.text


class ContainerTest(EngineTest):
    """On one engine, whose containers answer at their own addresses."""

    backend = "docker"
    servers_class = Containers

    def slots_used(self) -> int:
        return sum(slots_used_at(each["NetworkSettings"]["IPAddress"])
                   for each in self.engine.inspect())

    def assert_each_has_one_slot(self, lobby: Lobby, names: list) -> None:
        addresses = self.await_addresses([lobby], names)
        self.assert_players_fit(addresses)
        await_condition("slots that nobody has were given back",
                        lambda: self.slots_used() == len(names), WITHIN_S)


class DockerTest(ContainerTest):
    def test_a6_a_running_server_with_room_is_taken(self):
        lobby = self.start()
        address = self.await_address(lobby, "alice")
        there = self.engine.ids()

        self.assertEqual(self.await_address(lobby, "bob"), address)

        self.assertEqual(self.engine.ids(), there)
        self.assertEqual({self.engine.at(address)}, there)

    def test_a7_a_player_has_an_address_within_two_polls_and_joins(self):
        address = self.check_first_player(self.start())

        self.assertRegex(address, r"^127\.0\.0\.1:\d+$")
        self.assertEqual(len(self.engine.ids(running_only=True)), 1)

    def test_a9_an_ended_container_is_replaced(self):
        lobby = self.start()
        self.await_address(lobby, "alice")
        before = self.engine.ids()
        lobby.kill()
        self.engine.kill()

        lobby = self.start()
        address = self.await_address(lobby, "bob")

        self.assertEqual(self.engine.ids() & before, set())
        self.assert_joins(address, "bob")

    def test_a9_an_ended_container_is_started_again_when_asked_for(self):
        lobby = self.start(REUSE_EXITED_CONTAINERS="true")
        self.await_address(lobby, "alice")
        before = self.engine.ids()
        lobby.kill()
        self.engine.kill()

        lobby = self.start(REUSE_EXITED_CONTAINERS="true")
        address = self.await_address(lobby, "bob")

        self.assertEqual(self.engine.ids(running_only=True), before)
        self.assert_joins(address, "bob")
        lobby.stop()
        # With it on, ended ones are kept for a next time: that is the operator's wish.
        self.engine.remove()

    def test_a13_the_fourth_client_of_three_slots_gets_another_server(self):
        lobby = self.start()

        addresses = {client: self.await_address(lobby, client) for client in "abcd"}

        self.assertEqual(len(self.engine.ids()), 2)
        self.assert_players_fit(addresses)

    def test_a15_servers_are_started_side_by_side_and_no_more_than_needed(self):
        for jobs, containers in ((3, 1), (7, 3)):
            with self.subTest(jobs=jobs):
                lobby = self.start(MAX_CONCURRENT_JOBS="7")

                addresses = self.await_addresses([lobby], "abcdefg"[:jobs])

                self.assertEqual(len(self.engine.ids()), containers)
                self.assert_players_fit(addresses)
                self.assertEqual(lobby.stop(), 0)
                self.assertEqual(self.engine.ids(), set())

    def test_a15_two_workers_start_no_more_than_needed(self):
        redis = RedisServer(self.work)
        self.addCleanup(redis.stop)
        self.addCleanup(self.end_all)
        lobbies = [self.start(STORE_URL=redis.url, MAX_CONCURRENT_JOBS="7") for _ in range(2)]

        addresses = self.await_addresses(lobbies, "abcdefg")

        self.assertEqual(len(self.engine.ids()), 3)
        self.assert_players_fit(addresses)

    def test_a17_a_lobby_that_is_killed_goes_on_where_it_was(self):
        lobby = self.start()
        address = self.await_address(lobby, "alice")
        there = self.engine.ids()
        lobby.request("bob")

        lobby.kill()
        lobby = self.start()

        self.assertEqual(self.await_address(lobby, "alice"), address)
        self.assertEqual(self.await_address(lobby, "bob"), address)
        self.assertEqual(self.engine.ids(), there)

    def test_a17_a_lobby_that_is_killed_while_a_container_starts_leaves_no_second_one(self):
        lobby = self.start()
        lobby.request("alice")
        await_condition("there is a container", self.engine.ids, WITHIN_S)

        lobby.kill()
        lobby = self.start()

        self.assert_joins(self.await_address(lobby, "alice"), "alice")
        await_condition("one is left", lambda: len(self.engine.ids()) == 1, WITHIN_S)

    def test_a17_the_lobby_is_killed_again_and_again(self):
        chance = random.Random(SEED)
        port = str(free_port())
        lobby = self.start(HTTP_PORT=port)

        with Players(lobby.address, CLIENTS, SEED) as players:
            for _ in range(10 * SOAK):
                time.sleep(chance.random())
                lobby.kill()
                lobby = self.start(HTTP_PORT=port)

        self.assert_each_has_one_slot(lobby, players.names)

    def test_a19_an_image_that_is_missing_is_told(self):
        lobby = self.start(IMAGE_TO_PULL=NO_IMAGE, REQUEST_ATTEMPTS="2")

        self.assertIn("image", self.await_refusal(lobby, "alice"))

        self.assertEqual(self.engine.ids(), set())

    def test_a19_a_program_that_ends_at_once_is_told_and_removed(self):
        lobby = self.start(SERVER_ENVIRONMENT="MAX_CONNECTIONS=many", REQUEST_ATTEMPTS="2")

        self.assertIn("exited", self.await_refusal(lobby, "alice"))

        await_condition("it is removed", lambda: not self.engine.ids())

    def test_a19_a_program_that_never_answers_is_told_and_removed(self):
        # It listens where nobody comes by.
        lobby = self.start(SERVER_ENVIRONMENT="BIND_ADDRESS=127.0.0.1", REQUEST_ATTEMPTS="2",
                           SERVER_START_TIMEOUT="2000", RESERVATION_TIMEOUT="500")

        self.assertIn("answer", self.await_refusal(lobby, "alice"))

        await_condition("it is removed", lambda: not self.engine.ids())

    def test_a21_an_idle_server_is_stopped_and_the_minimum_kept(self):
        lobby = self.start(SERVER_IDLE_TIMEOUT="300", SERVER_MIN_READY="1", SERVER_SLOTS="1",
                           LOOKUP_COOLDOWN="100")
        for client in ("alice", "bob"):
            self.await_address(lobby, client)
        await_condition("one is ready beside them", lambda: len(self.engine.ids()) == 3, WITHIN_S)

        for client in ("alice", "bob"):
            self.cancel(lobby, client)

        await_condition("one is left", lambda: len(self.engine.ids()) == 1, WITHIN_S)
        await_condition("the lobby knows it", lambda: len(lobby.servers()) == 1)

    def test_limits_and_marks_are_the_engines(self):
        lobby = self.start(SERVER_CPUS="0.5", SERVER_MEMORY_BYTES=str(64 << 20), SERVER_PIDS="32")
        self.await_address(lobby, "alice")

        container, = self.engine.inspect()
        host = container["HostConfig"]

        self.assertEqual(host["NanoCpus"], 500_000_000)
        self.assertEqual((host["Memory"], host["MemorySwap"]), (64 << 20, 64 << 20))
        self.assertEqual(host["PidsLimit"], 32)
        self.assertEqual(host["CapDrop"], ["ALL"])
        self.assertIn("no-new-privileges", host["SecurityOpt"])
        self.assertEqual(host["RestartPolicy"]["Name"], "no")
        labels = container["Config"]["Labels"]
        self.assertEqual(labels["muster.owner"], "muster-lobby")
        self.assertEqual(labels["muster.deployment"], lobby.deployment)
        self.assertEqual(labels["muster.server"], lobby.servers()[0]["id"])

    def test_a_player_is_told_when_the_container_is_killed_and_gets_another(self):
        lobby = self.start()
        player = self.subscribed(lobby, "alice")
        address = self.await_address(lobby, "alice")
        before = self.engine.ids()

        self.engine.kill()
        failed = player.receive_until("request.failed")

        self.assertIn("ended", failed["data"]["reason"])
        self.assertNotEqual(self.await_address(lobby, "alice"), address)
        await_condition("the dead one is removed", lambda: not self.engine.ids() & before, WITHIN_S)

    def test_a_clean_stop_keeps_players_and_the_next_start_adopts_them(self):
        lobby = self.start(SERVERS_ON_SHUTDOWN="", SERVER_SLOTS="1", SERVER_MIN_READY="1")
        address = self.await_address(lobby, "alice")
        used = self.engine.at(address)
        await_condition("one is empty", lambda: len(self.engine.ids()) == 2, WITHIN_S)

        self.assertEqual(lobby.stop(), 0)
        self.assertEqual(self.engine.ids(running_only=True), {used})
        self.assert_joins(address, "alice")
        lobby = self.start(SERVER_SLOTS="1")

        self.assertEqual(self.await_address(lobby, "alice"), address)
        self.assertEqual(self.engine.ids(), {used})

    def test_a_lobby_without_its_records_leaves_nothing_unknown(self):
        lobby = self.start(SERVERS_ON_SHUTDOWN="keep")
        self.await_address(lobby, "alice")
        there = self.engine.ids()
        self.assertEqual(lobby.stop(), 0)
        self.assertEqual(self.engine.ids(), there)
        for name in os.listdir(self.work):
            if name.startswith("lobby.db"):
                os.unlink(os.path.join(self.work, name))

        lobby = self.start()

        await_condition("what it does not know is removed", lambda: not self.engine.ids(), WITHIN_S)
        self.assert_joins(self.await_address(lobby, "alice"), "alice")

    def test_servers_on_shutdown_stop_ends_those_with_players(self):
        lobby = self.start(SERVERS_ON_SHUTDOWN="stop")
        self.await_addresses([lobby], "abcd")

        self.assertEqual(lobby.stop(), 0)

        self.assertEqual(self.engine.ids(), set())


class RestartTest(ContainerTest):
    """The engine goes, and all containers with it, and comes back."""

    def setUp(self):
        super().setUp()
        self.daemon = EngineProcess(os.environ["ENGINE_PID_FILE"])

    def test_players_of_lost_servers_are_told_and_served_again(self):
        lobby = self.start(REQUEST_ATTEMPTS="1000")
        player = self.subscribed(lobby, "alice")
        self.await_address(lobby, "alice")

        self.daemon.stop()
        lobby.request("bob")
        self.daemon.start()

        self.assertTrue(player.receive_until("request.failed")["data"]["reason"])
        for client in ("alice", "bob"):
            self.assert_joins(self.await_address(lobby, client), client)
        await_condition("the dead one is removed", lambda: len(self.engine.ids()) == 1, WITHIN_S)

    def test_players_who_wait_while_the_engine_is_away_are_served(self):
        lobby = self.start(REQUEST_ATTEMPTS="1000", REQUEST_RETRY_MS="100")
        self.daemon.stop()
        self.addCleanup(self.end_all)
        for client in "abcd":
            self.assertIn(lobby.request(client).status, (202, 503))
        self.assertEqual(lobby.call("GET", "/healthz").status, 200)

        self.daemon.start()

        addresses = self.await_addresses([lobby], "abcd")
        self.assert_players_fit(addresses)
        await_condition("no more than needed", lambda: len(self.engine.ids()) == 2, WITHIN_S)


    def test_the_engine_goes_again_and_again_under_load(self):
        chance = random.Random(SEED)
        lobby = self.start(REQUEST_ATTEMPTS="1000", REQUEST_RETRY_MS="100")

        with Players(lobby.address, CLIENTS, SEED) as players:
            for _ in range(3 * SOAK):
                time.sleep(chance.random() * 2)
                self.daemon.stop()
                self.daemon.start()

        self.assert_each_has_one_slot(lobby, players.names)


class SwarmTest(EngineTest):
    backend = "swarm"
    servers_class = Services

    def test_a7_a_player_has_an_address_of_the_tasks_node_and_joins(self):
        lobby = self.start()

        address = self.check_first_player(lobby)

        node = lobby.servers()[0]["node"]
        self.assertEqual(address.rsplit(":", 1)[0], NODE_NETWORK + node.removeprefix("node"))

    def test_limits_and_marks_are_the_services(self):
        lobby = self.start(SERVER_CPUS="0.1", SERVER_MEMORY_BYTES=str(64 << 20), SERVER_PIDS="32")
        self.await_address(lobby, "alice")

        service, = self.engine.inspect()

        limits = service["Spec"]["TaskTemplate"]["Resources"]["Limits"]
        self.assertEqual(limits, {"NanoCPUs": 100_000_000, "MemoryBytes": 64 << 20, "Pids": 32})
        self.assertEqual(service["Spec"]["Labels"]["muster.deployment"], lobby.deployment)

    def test_a17_a_lobby_that_is_killed_goes_on_where_it_was(self):
        lobby = self.start()
        address = self.await_address(lobby, "alice")
        there = self.engine.ids()

        lobby.kill()
        lobby = self.start()

        self.assertEqual(self.await_address(lobby, "alice"), address)
        self.assertEqual(self.engine.ids(), there)

    def test_a_clean_stop_keeps_players_and_the_next_start_adopts_them(self):
        lobby = self.start(SERVERS_ON_SHUTDOWN="")
        address = self.await_address(lobby, "alice")
        there = self.engine.ids()

        self.assertEqual(lobby.stop(), 0)
        self.assertEqual(self.engine.ids(), there)
        lobby = self.start()

        self.assertEqual(self.await_address(lobby, "alice"), address)
        self.assertEqual(self.engine.ids(), there)

    def test_a19_an_image_that_is_missing_is_told(self):
        lobby = self.start(IMAGE_TO_PULL=NO_IMAGE, REQUEST_ATTEMPTS="2")

        self.assertTrue(self.await_refusal(lobby, "alice"))

        await_condition("it is removed", lambda: not self.engine.ids(), WITHIN_S)

    # The last one by its name: the node does not come back.
    def test_z_players_of_a_lost_node_are_told_and_get_another(self):
        lobby = self.start(SERVER_SLOTS="1", REQUEST_ATTEMPTS="1000")
        client, lost = next(
            (client, server) for client, server in (
                (client, self.server_of(lobby, client)) for client in "abcdefghi")
            if server["node"] != MANAGER)
        player = self.subscribed(lobby, client)

        with open(os.path.join(os.environ["SWARM_NODE_PIDS"], lost["node"]),
                  encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGTERM)

        self.assertTrue(player.receive_until("request.failed")["data"]["reason"])
        self.assertNotEqual(self.server_of(lobby, client)["node"], lost["node"])

    def server_of(self, lobby: Lobby, client: str) -> dict:
        address = self.await_address(lobby, client)
        self.assert_joins(address, client)
        return next(server for server in lobby.servers() if server.get("address") == address)


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    EngineTest.bin = os.path.abspath(sys.argv.pop(1))
    return 0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())

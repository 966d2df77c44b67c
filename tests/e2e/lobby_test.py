#!/usr/bin/env python3
"""The lobby with game servers as processes: what a player, a game server and an operator see.

    python3 tests/e2e/lobby_test.py path/to/bin

Needs Debian's python3-websocket.
"""

import concurrent.futures
import os
import shutil
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True

import lobby_programs  # noqa: E402
from lobby_programs import Lobby, join, lobby_socket  # noqa: E402
from programs import await_condition  # noqa: E402

PLAYERS = 1000
SLOTS = 4


class LobbyTest(unittest.TestCase):
    """A lobby of its own for each test; at the end nothing of it may be left."""

    bin = ""

    def setUp(self):
        self.work = tempfile.mkdtemp(prefix="muster-e2e-")
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)
        self.lobby = None

    def start(self, **environment) -> Lobby:
        self.lobby = Lobby(self.bin, self.work, **environment)
        self.addCleanup(self.end)
        return self.lobby

    def end(self) -> None:
        if self.lobby.process.poll() is None:
            self.assertEqual(self.lobby.stop(), 0)
        left = lobby_programs.game_server_pids(self.lobby.deployment)
        lobby_programs.kill_game_servers(self.lobby.deployment)
        self.assertEqual(left, {}, "game servers were left running")

    def assert_players_fit(self, addresses: dict, slots: int) -> None:
        """Nobody shares a slot: no server holds more players than it has slots."""
        per_server = {}
        for address in addresses.values():
            per_server[address] = per_server.get(address, 0) + 1
        self.assertLessEqual(max(per_server.values()), slots)

    def test_a_player_has_an_address_within_two_polls_a_second_apart(self):
        lobby = self.start()

        first = lobby.request("alice")
        self.assertEqual(first.status, 202)
        time.sleep(1)
        second = lobby.request("alice")

        self.assertEqual(second.status, 200)
        self.assertRegex(second.text, r"^127\.0\.0\.1:\d+$")
        self.assertEqual(second.headers["Content-Type"].split(";")[0], "text/plain")
        player = join(second.text, "alice")
        self.addCleanup(player.close)
        self.assertEqual(player.receive_until("welcome")["player"], "alice")

    def test_a11_a_path_without_authorization_is_401(self):
        lobby = self.start()

        for path in ("/request", "/request/", "/request/alice", "/v1/requests", "/v1/any"):
            self.assertEqual(lobby.call("POST", path).status, 401, path)
        self.assertEqual(lobby.call("POST", "/request").text, "Unauthorized")
        self.assertEqual(lobby.call("GET", "/request", "alice").status, 405)
        self.assertEqual(lobby.call("GET", "/any").status, 404)

    def test_a12_a_client_polls_until_its_server_is_made(self):
        lobby = self.start()

        address = lobby.await_address("bob")

        self.assertEqual(lobby.request("bob").text, address)

    def test_a13_the_fourth_client_of_three_slots_gets_another_server(self):
        lobby = self.start(SERVER_SLOTS="3")

        addresses = {client: lobby.await_address(client) for client in "abcd"}

        self.assertEqual(len(lobby.servers()), 2)
        self.assert_players_fit(addresses, 3)

    def test_a14_two_posts_at_once_are_one_request(self):
        lobby = self.start()

        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(lobby.request, ["carol", "carol"]))

        self.assertEqual({answer.status for answer in answers}, {202})
        self.assertEqual(len({answer.headers["Location"] for answer in answers}), 1)
        lobby.await_address("carol")
        self.assertEqual(len(lobby.servers()), 1)

    def test_a15_servers_are_started_side_by_side_and_no_more_than_needed(self):
        lobby = self.start(SERVER_SLOTS="3", MAX_CONCURRENT_JOBS="7")

        with concurrent.futures.ThreadPoolExecutor(7) as pool:
            list(pool.map(lobby.await_address, "abcdefg"))

        self.assertEqual(len(lobby.servers()), 3)

    def test_a16_and_a18_client_ids_are_data(self):
        lobby = self.start(SERVER_SLOTS="20")

        for client in ("queue", "a?x=1", "a#b", "x/y", "muster:requests", "%2e%2e"):
            self.assertRegex(lobby.await_address(client), r":\d+$", client)
        for client in ("..", ".", "x" * 300):
            self.assertEqual(lobby.request(client).status, 400, client)

    def test_a17_a_lobby_that_is_killed_goes_on_where_it_was(self):
        lobby = self.start()
        address = lobby.await_address("dora")
        lobby.request("emil")

        lobby.kill()
        lobby = self.start()

        self.assertEqual(lobby.await_address("dora"), address)
        lobby.await_address("emil")
        self.assertEqual(len(lobby.servers()), 1)

    def test_a19_a_server_that_cannot_be_started_is_told(self):
        lobby = self.start(SERVER_COMMAND="/no/such/program", REQUEST_ATTEMPTS="2")

        answers = []
        await_condition("the attempts are used up", lambda: (
            answers.append(lobby.request("fred")) or answers[-1].status == 503))

        self.assertEqual({answer.status for answer in answers[:-1]}, {202})
        self.assertGreaterEqual(int(answers[-1].headers["Retry-After"]), 1)
        self.assertIn("program", answers[-1].text)

    def test_a21_an_idle_server_is_stopped_and_the_minimum_kept(self):
        lobby = self.start(SERVER_IDLE_TIMEOUT="300", SERVER_MIN_READY="1", SERVER_SLOTS="1",
                           LOOKUP_COOLDOWN="100")
        for client in ("gina", "hugo"):
            lobby.await_address(client)
        self.assertGreaterEqual(len(lobby.servers()), 2)

        for client in ("gina", "hugo"):
            one = lobby.call("GET", "/v1/requests", client).json()[0]["id"]
            self.assertEqual(lobby.call("DELETE", f"/v1/requests/{one}", client).status, 202)

        await_condition("one server is left", lambda: len(lobby.servers()) == 1)
        await_condition("one process is left", lambda: len(
            lobby_programs.game_server_pids(lobby.deployment)) == 1)

    def test_a_push_tells_when_the_slot_is_there(self):
        lobby = self.start()
        socket = lobby_socket(lobby, "ida")
        self.addCleanup(socket.close)
        socket.send(type="subscribe", topic="requests")
        self.assertEqual(socket.receive()["type"], "subscribed")

        lobby.request("ida")
        ready = socket.receive_until("request.ready")

        self.assertGreater(ready["id"], 0)
        self.assertEqual(ready["data"]["address"], lobby.await_address("ida"))

    def test_a_player_is_told_when_the_server_dies_and_gets_another(self):
        lobby = self.start()
        socket = lobby_socket(lobby, "jack")
        self.addCleanup(socket.close)
        socket.send(type="subscribe", topic="requests")
        address = lobby.await_address("jack")

        lobby_programs.kill_game_servers(lobby.deployment)
        failed = socket.receive_until("request.failed")

        self.assertIn("ended", failed["data"]["reason"])
        self.assertNotEqual(lobby.await_address("jack"), address)

    def test_others_cannot_see_or_cancel_a_request_and_an_administrator_can(self):
        lobby = self.start()
        lobby.await_address("kate")
        path = "/v1/requests/" + lobby.call("GET", "/v1/requests", "kate").json()[0]["id"]

        self.assertEqual(lobby.call("GET", path, "mallory").status, 404)
        self.assertEqual(lobby.call("DELETE", path, "mallory").status, 404)
        self.assertEqual(lobby.admin("GET", path + "?client=kate").status, 200)
        self.assertEqual(lobby.call("GET", "/v1/servers", "mallory").status, 403)

    def test_a_thousand_players_at_once_get_one_slot_each(self):
        lobby = self.start(MAX_CONCURRENT_JOBS="8", SERVER_MAX="300")
        clients = [f"player-{i}" for i in range(PLAYERS)]

        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            for answer in pool.map(lobby.request, clients):
                self.assertIn(answer.status, (200, 202))
            addresses = dict(zip(clients, pool.map(
                lambda client: lobby.await_address(client, within_s=120), clients)))

        self.assert_players_fit(addresses, SLOTS)
        self.assertEqual(len(set(addresses.values())), PLAYERS // SLOTS)
        self.assertEqual(len(lobby.servers()), PLAYERS // SLOTS)

    def test_an_idle_lobby_is_small(self):
        lobby = self.start()
        lobby.await_address("lena")

        self.assertLess(lobby.memory_kib(), 40 << 10)

    def test_two_lobbies_do_not_share_a_file(self):
        self.start()

        with self.assertRaisesRegex(AssertionError, "lobby.db"):
            Lobby(self.bin, self.work)


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__)
        return 2
    LobbyTest.bin = os.path.abspath(sys.argv.pop(1))
    return 0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())

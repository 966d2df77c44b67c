#!/usr/bin/env python3
"""A Python client of the contract against the real server.

    python3 tests/e2e/python_client_test.py path/to/muster-matchfunction

Generates a client from proto/ with protoc, starts the server on free ports, makes the calls that a
matchmaking backend makes, and stops the server with SIGTERM. Needs protoc, grpc_python_plugin and
Python's grpc and protobuf packages; without them it is skipped (exit 77), and fails with CI=true.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
from queue import Empty, Queue

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
SKIPPED = 77
READY_WITHIN_S = 30
CALL_WITHIN_S = 30
STOP_WITHIN_S = 30
SERVICE = "accelbyte.matchmaking.matchfunction.MatchFunction"


def skip(reason: str) -> None:
    if os.environ.get("CI") == "true":
        print(f"python_client_test: {reason}")
        sys.exit(1)
    print(f"******** SKIPPED: python_client_test: {reason} ********")
    sys.exit(SKIPPED)


try:
    import google.protobuf.json_format as json_format
    import grpc
except ImportError as error:
    skip(f"{error}; install python3-grpcio and python3-protobuf")


def generate_client(folder: str):
    """Runs protoc and returns the modules of messages and of the service."""
    plugin = shutil.which("grpc_python_plugin")
    if plugin is None or shutil.which("protoc") is None:
        skip("no protoc or no grpc_python_plugin; install protobuf-compiler-grpc")
    subprocess.run(["protoc", f"--proto_path={ROOT}/proto", f"--python_out={folder}",
                    f"--plugin=protoc-gen-grpc={plugin}", f"--grpc_out={folder}",
                    "match_function.proto"], check=True)
    sys.path.insert(0, folder)
    import match_function_pb2
    import match_function_pb2_grpc
    return match_function_pb2, match_function_pb2_grpc


class Server:
    """The server under test, on free ports, with its log records as they come."""

    def __init__(self, binary: str):
        environment = {
            "PATH": os.environ.get("PATH", ""), "BIND_ADDRESS": "127.0.0.1", "GRPC_PORT": "0",
            "PROMETHEUS_ADDR": "127.0.0.1", "PROMETHEUS_PORT": "0", "LOG_FORMAT": "json",
            "PLUGIN_GRPC_SERVER_AUTH_ENABLED": "false", "ENABLE_LOKI": "false",
            "ENABLE_ZIPKIN": "false",
        }
        self.process = subprocess.Popen([binary], env=environment, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True)
        self._records: Queue = Queue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        try:
            self.ready = self._wait_for("ready")
        except Exception:
            self.process.kill()
            self.wait()
            raise

    def _read(self) -> None:
        for line in self.process.stdout:
            try:
                self._records.put(json.loads(line))
            except json.JSONDecodeError:
                self._records.put({"msg": f"not json: {line}"})
        self._records.put({"msg": "(end of output)"})

    def _wait_for(self, message: str) -> dict:
        seen = []
        while True:
            try:
                record = self._records.get(timeout=READY_WITHIN_S)
            except Empty:
                raise AssertionError(f"no record {message}, only {seen}") from None
            if record["msg"] == message:
                return record
            seen.append(record)
            if record["msg"] == "(end of output)":
                raise AssertionError(f"no record {message}, only {seen}")

    def wait(self) -> int:
        code = self.process.wait(timeout=STOP_WITHIN_S)
        self._reader.join()
        self.process.stdout.close()
        return code


class MatchFunctionTest(unittest.TestCase):
    binary = ""
    pb = None
    stubs = None

    def setUp(self):
        self.server = Server(self.binary)
        self.addCleanup(self.stop_server)
        self.channel = grpc.insecure_channel(self.server.ready["grpc"])
        self.addCleanup(self.channel.close)
        self.stub = self.stubs.MatchFunctionStub(self.channel)

    def stop_server(self) -> int:
        if self.server.process.poll() is None:
            self.server.process.send_signal(signal.SIGTERM)
        return self.server.wait()

    # What the tests say in one word.

    def rules(self, **members):
        return self.pb.Rules(json=json.dumps(members))

    def ticket(self, name: str, *players: str, **fields):
        player = self.pb.Ticket.PlayerData
        ids = players or (f"{name}-player",)
        return self.pb.Ticket(ticket_id=name, match_pool="pool",
                              players=[player(player_id=i) for i in ids], **fields)

    def session(self, name: str, *users: str):
        backfill = self.pb.BackfillTicket(ticket_id=name, match_pool="pool",
                                          match_session_id=f"{name}-session")
        backfill.partial_match.teams.add(user_ids=users, team_id=f"{name}-team")
        backfill.partial_match.match_attributes["map"] = "harbour"
        return backfill

    def match_parameters(self, **rules):
        parameters = self.pb.MakeMatchesRequest.MakeMatchesParameters(
            rules=self.rules(**rules), scope=self.pb.Scope(ab_trace_id="trace"), tickId=7)
        return self.pb.MakeMatchesRequest(parameters=parameters)

    def make_matches(self, tickets, **rules):
        frames = [self.match_parameters(**rules)]
        frames += [self.pb.MakeMatchesRequest(ticket=ticket) for ticket in tickets]
        answers = self.stub.MakeMatches(iter(frames), timeout=CALL_WITHIN_S)
        return [answer.match for answer in answers]

    def backfill(self, *items, **rules):
        frame = self.pb.BackfillMakeMatchesRequest
        frames = [frame(parameters=frame.MakeMatchesParameters(rules=self.rules(**rules)))]
        for item in items:
            is_ticket = isinstance(item, self.pb.Ticket)
            frames.append(frame(ticket=item) if is_ticket else frame(backfill_ticket=item))
        answers = self.stub.BackfillMatches(iter(frames), timeout=CALL_WITHIN_S)
        return [answer.backfill_proposal for answer in answers]

    def assert_refused(self, code, fragment: str, call):
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        self.assertEqual(caught.exception.code(), code, caught.exception.details())
        self.assertIn(fragment, caught.exception.details())

    # Facts.

    def test_stat_codes_are_empty_and_bad_rules_are_refused(self):
        request = self.pb.GetStatCodesRequest(rules=self.pb.Rules(json='{"foo":"bar"}'))
        self.assertEqual(list(self.stub.GetStatCodes(request, timeout=CALL_WITHIN_S).codes), [])

        bad = self.pb.GetStatCodesRequest(rules=self.rules(shipCountMin=-1))
        self.assert_refused(grpc.StatusCode.INVALID_ARGUMENT, "shipCountMin -1",
                            lambda: self.stub.GetStatCodes(bad, timeout=CALL_WITHIN_S))

    def test_a_ticket_is_valid_when_its_players_can_play(self):
        def is_valid(ticket):
            request = self.pb.ValidateTicketRequest(ticket=ticket, rules=self.rules())
            return self.stub.ValidateTicket(request, timeout=CALL_WITHIN_S).valid_ticket

        self.assertTrue(is_valid(self.ticket("t", "alice", "bob")))
        self.assertFalse(is_valid(self.ticket("t", "alice", "alice")))
        self.assertFalse(is_valid(self.pb.Ticket(ticket_id="t")))

    def test_enriching_adds_to_a_ticket_without_attributes_only(self):
        def enriched(ticket):
            request = self.pb.EnrichTicketRequest(ticket=ticket)
            answer = self.stub.EnrichTicket(request, timeout=CALL_WITHIN_S).ticket
            return json_format.MessageToDict(answer.ticket_attributes)

        with_attributes = self.ticket("t")
        with_attributes.ticket_attributes["mode"] = "ranked"
        self.assertEqual(enriched(self.ticket("t")), {"enrichedNumber": 20.0})
        self.assertEqual(enriched(with_attributes), {"mode": "ranked"})

    def test_tickets_come_back_in_twos_untouched(self):
        tickets = [self.ticket(f"t{i}", latencies={"eu": 10 * i, "us": 90}) for i in range(1, 6)]
        tickets[0].CreatedAt.FromJsonString("2026-01-02T03:04:05.678Z")
        tickets[0].players[0].attributes["rating"] = 1000

        matches = self.make_matches(tickets, shipCountMin=2, shipCountMax=2)

        self.assertEqual([list(match.tickets) for match in matches], [tickets[:2], tickets[2:4]])
        team, = matches[0].teams
        self.assertEqual(list(team.user_ids), ["t1-player", "t2-player"])
        self.assertRegex(team.team_id, "^[0-9a-f]{32}$")
        self.assertEqual(list(matches[0].region_preferences), ["eu", "us"])
        self.assertEqual(json_format.MessageToDict(matches[0].match_attributes),
                         {"assignment": {"small-team-1": [team.team_id]}})

    def test_too_few_tickets_are_no_error(self):
        self.assertEqual(self.make_matches([]), [])
        self.assertEqual(self.make_matches([self.ticket("t1")]), [])

    def test_a_match_comes_while_the_stream_is_still_open(self):
        frames: Queue = Queue()
        answers = self.stub.MakeMatches(iter(frames.get, None), timeout=CALL_WITHIN_S)
        frames.put(self.match_parameters())
        for name in ("t1", "t2"):
            frames.put(self.pb.MakeMatchesRequest(ticket=self.ticket(name)))

        match = next(answers).match

        self.assertEqual([ticket.ticket_id for ticket in match.tickets], ["t1", "t2"])
        frames.put(None)
        self.assertEqual(list(answers), [])

    def test_a_stream_that_does_not_start_with_parameters_is_refused(self):
        frame = self.pb.MakeMatchesRequest(ticket=self.ticket("t1"))
        empty = self.pb.BackfillMakeMatchesRequest()
        for call, first in ((self.stub.MakeMatches, frame), (self.stub.BackfillMatches, empty)):
            answers = call(iter([first]), timeout=CALL_WITHIN_S)
            self.assert_refused(grpc.StatusCode.INVALID_ARGUMENT, "", lambda: list(answers))

    def test_backfill_adds_one_ticket_to_each_session(self):
        proposals = self.backfill(self.ticket("t1"), self.session("s1", "host"), self.session("s2"),
                                  self.ticket("t2"), self.ticket("t3"))

        self.assertEqual([p.backfill_ticket_id for p in proposals], ["s1", "s2"])
        first = proposals[0]
        self.assertEqual([ticket.ticket_id for ticket in first.added_tickets], ["t1"])
        self.assertEqual([list(team.user_ids) for team in first.proposed_teams],
                         [["host"], ["t1-player"]])
        self.assertEqual(first.proposed_teams[0].team_id, "s1-team")
        self.assertEqual((first.match_pool, first.match_session_id), ("pool", "s1-session"))
        self.assertRegex(first.proposal_id, "^[0-9a-f]{32}$")
        self.assertGreater(first.CreatedAt.seconds, 1_700_000_000)
        self.assertEqual(first.attributes["map"], "harbour")

    def test_an_excluded_session_is_not_joined(self):
        ticket = self.ticket("t1", excluded_sessions=["s1-session"])

        proposals = self.backfill(self.session("s1"), ticket, self.session("s2"))

        self.assertEqual([p.backfill_ticket_id for p in proposals], ["s2"])

    def test_health_and_metrics_answer(self):
        # The health messages by hand: `service` is field 1, `status` SERVING is 1 in field 1.
        check = self.channel.unary_unary("/grpc.health.v1.Health/Check")
        for service in ("", SERVICE):
            request = bytes([0x0a, len(service)]) + service.encode() if service else b""
            self.assertEqual(check(request, timeout=CALL_WITHIN_S), b"\x08\x01")
        url = f"http://{self.server.ready['metrics']}/metrics"
        with urllib.request.urlopen(url, timeout=CALL_WITHIN_S) as answer:
            self.assertEqual(answer.status, 200)

    def test_sigterm_lets_a_running_call_end_and_exits_with_zero(self):
        frames: Queue = Queue()
        answers = self.stub.MakeMatches(iter(frames.get, None), timeout=CALL_WITHIN_S)
        frames.put(self.match_parameters())
        for name in ("t1", "t2"):
            frames.put(self.pb.MakeMatchesRequest(ticket=self.ticket(name)))
        self.assertEqual(len(next(answers).match.tickets), 2)

        self.server.process.send_signal(signal.SIGTERM)
        for name in ("t3", "t4"):
            frames.put(self.pb.MakeMatchesRequest(ticket=self.ticket(name)))
        frames.put(None)

        self.assertEqual(len(list(answers)), 1)
        self.assertEqual(self.server.wait(), 0)


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    MatchFunctionTest.binary = sys.argv.pop()
    with tempfile.TemporaryDirectory() as folder:
        MatchFunctionTest.pb, MatchFunctionTest.stubs = generate_client(folder)
        return 0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""The server while the backends around it are gone, come back, or behave badly.

    python3 tests/e2e/faults_test.py path/to/bin path/to/e2e_bin

IAM is the stand-in of tests/support; Loki and Zipkin are receivers of this test. Whatever happens
to them, no call may fail, memory stays flat, and log and counters tell. Needs Python's own modules
only.
"""

import json
import random
import sys
import time
import unittest

sys.dont_write_bytecode = True

import programs  # noqa: E402
import raw_http2  # noqa: E402
import receivers  # noqa: E402
from programs import await_condition  # noqa: E402

BACKENDS = ("loki", "zipkin")
# A batch of the exporters and a bit more; load fills it in a fraction of a second.
QUEUE_BYTES = 1 << 20
# Three queues, batches that are being sent, and what the allocator keeps.
MAX_GROWTH_KIB = 24 << 10
ZIPKIN_TIMEOUT_MS = 500
# Three exporters get a second each; the rest is for a busy machine.
STOP_WITHIN_S = 10
# Against neighbours on the machine; a server that waits for its backends fails all of them.
RATE_ATTEMPTS = 3
RESOURCE = "NAMESPACE:accelbyte:MMV2GRPCSERVICE"


class FaultTest(unittest.TestCase):
    """Backends, a server and its caller. At the end of each test what holds always is checked."""

    bin = ""
    e2e_bin = ""

    def setUp(self):
        self.leaked = []
        self.iam = programs.Iam(self.e2e_bin)
        self.addCleanup(self.iam.dispose)
        self.receivers = {
            # The mark is escaped inside of texts, so that it begins a record and nothing else.
            "loki": receivers.Receiver(b'["', self.inspect),
            "zipkin": receivers.Receiver(b'{"traceId":"', self.inspect),
        }
        for receiver in self.receivers.values():
            self.addCleanup(receiver.dispose)
        self.server = None

    def inspect(self, body: bytes) -> None:
        self.leaked += programs.secrets_in(body)

    def start(self, reads: bool = True) -> None:
        environment = {
            "AB_BASE_URL": self.iam.url, "AB_CLIENT_ID": programs.CLIENT_ID,
            "AB_CLIENT_SECRET": programs.CLIENT_SECRET, "TOKEN_VALIDATOR_FETCH_INTERVAL": "1",
            "ENABLE_LOKI": "true", "LOKI_USERNAME": programs.LOKI_USER,
            "LOKI_URL": self.receivers["loki"].url("/loki/api/v1/push"),
            "LOKI_PASSWORD": programs.LOKI_PASSWORD, "ENABLE_ZIPKIN": "true",
            "OTEL_EXPORTER_ZIPKIN_ENDPOINT": self.receivers["zipkin"].url("/api/v2/spans"),
            "OTEL_EXPORTER_ZIPKIN_TIMEOUT": str(ZIPKIN_TIMEOUT_MS),
            "MAX_EXPORT_QUEUE_BYTES": str(QUEUE_BYTES),
        }
        self.server = programs.MatchFunction(self.bin, environment, reads)
        self.addCleanup(self.stop)
        self.ctl = programs.Musterctl(self.bin, self.server.address)

    def start_well(self, **how) -> None:
        self.iam.gate.open()
        self.backends_behave("ok")
        self.start(**how)
        await_condition("health is SERVING", self.ctl.serves)

    def stop(self) -> None:
        if self.server.process.returncode is None:
            self.assertEqual(self.server.stop(), 0)
        self.assertEqual(self.server.secrets + self.leaked, [])
        self.assertEqual(self.server.not_json, [])
        self.assert_changes_are_told_once()

    def backends_behave(self, manner: str) -> None:
        for receiver in self.receivers.values():
            receiver.behave(manner)

    # What holds.

    def assert_changes_are_told_once(self):
        for name, field in (("call to iam", "what"), ("export", "exporter")):
            states = {}
            for record in self.server.records:
                if record["msg"] in (f"{name} fails", f"{name} works again"):
                    states.setdefault(record[field], []).append(record["msg"])
                    level = "warn" if record["msg"].endswith("fails") else "info"
                    self.assertEqual(record["level"], level, record)
            for who, told in states.items():
                wanted = [f"{name} fails", f"{name} works again"] * len(told)
                self.assertEqual(told, wanted[:len(told)], who)

    def assert_served(self, token: str):
        self.assertEqual(self.ctl.call(token), "")

    def await_all_arrived(self):
        """What waits is sent, and the receivers have taken what the server counts as sent."""
        for name, receiver in self.receivers.items():
            await_condition(f"{name} has all", lambda n=name, r=receiver: self.server.queued(n) == 0
                            and self.server.sent(n) == r.taken)

    def iam_is_well(self) -> bool:
        ages = [self.server.metric(f"auth_{what}_age_seconds") for what in ("keys", "revocations")]
        return max(ages) < 1.2 and self.iam_troubles() == 0

    def iam_troubles(self) -> int:
        said = self.server.said
        return len(said("call to iam fails")) - len(said("call to iam works again"))


class IamFaultsTest(FaultTest):
    def test_a_start_without_iam_serves_once_it_is_there(self):
        self.backends_behave("ok")
        token = self.iam.token()
        self.start()

        # Long enough for three attempts.
        await_condition("time passes", lambda: self.keys_age() > 1.6)
        self.assertFalse(self.ctl.serves())
        self.assertIn("UNAVAILABLE", self.ctl.call(token))
        self.assertEqual(self.server.metric("auth_ready"), 0)
        self.iam.gate.open()
        await_condition("health is SERVING", self.ctl.serves)

        self.assert_served(token)
        self.assertEqual(self.server.metric("auth_ready"), 1)
        for what in ("keys", "revocations", "login"):
            await_condition(f"{what} is told to work",
                            lambda w=what: self.server.said("call to iam works again", what=w))
            self.assertEqual(len(self.server.said("call to iam fails", what=what)), 1)
        self.assertEqual(len(self.server.said("access control is ready")), 1)

    def test_iam_goes_and_comes_back_while_load_runs(self):
        self.start_well()
        token = self.iam.role_token(RESOURCE)
        self.assert_served(token)
        before = self.warm_memory_kib(token)

        with programs.Load(self.ctl, token):
            self.iam.gate.close()
            await_condition("the keys grow old", lambda: self.keys_age() > 2)
            self.assert_served(token)
            self.iam.gate.open()
            await_condition("IAM is well", self.iam_is_well)

        self.assertLess(self.server.memory_kib() - before, MAX_GROWTH_KIB)
        self.assertEqual(len(self.server.said("call to iam fails", what="keys")), 1)

    def test_keys_that_changed_while_iam_was_gone_are_fetched_for_their_first_token(self):
        self.start_well()
        old = self.iam.token()
        self.assert_served(old)

        self.iam.gate.close()
        self.iam.ask("rotate")
        new = self.iam.token()
        # The next attempt is two seconds away then.
        await_condition("the keys grow old", lambda: self.keys_age() > 2.6)
        self.assert_served(old)
        self.iam.gate.open()

        self.assert_served(new)
        self.assertLess(self.keys_age(), 1.2)
        self.assertIn("UNAUTHENTICATED", self.ctl.call(old))

    def test_calls_go_on_while_iam_misbehaves_in_every_way(self):
        self.start_well()
        token = self.iam.role_token(RESOURCE)
        self.assert_served(token)
        before = self.warm_memory_kib(token)

        for manner in ("status500", "status401", "close", "half", "silent"):
            with self.subTest(manner), programs.Load(self.ctl, token):
                asked = self.iam.calls("all")
                self.iam.ask(f"break?endpoint=all&manner={manner}")
                await_condition("IAM is asked", lambda a=asked: self.iam.calls("all") > a)
                # Who waits for an answer has not failed yet.
                if manner != "silent":
                    await_condition("keys, revocations and roles fail",
                                    lambda: self.iam_troubles() >= 3)
                self.assert_served(token)
                self.iam.ask("break?endpoint=all&manner=whole")
                self.iam.gate.break_connections()
                await_condition("IAM is well", self.iam_is_well)

        self.assertLess(self.server.memory_kib() - before, MAX_GROWTH_KIB)

    def test_a_revoked_token_is_refused_and_others_are_not(self):
        self.start_well()
        revoked, other = self.iam.token(sub="one"), self.iam.token(sub="two")
        for token in (revoked, other):
            self.assert_served(token)

        self.iam.ask("revoke", revoked)
        await_condition("the revocation is known",
                        lambda: "UNAUTHENTICATED" in self.ctl.call(revoked), within_s=3)

        self.assert_served(other)
        self.assertGreater(self.server.metric("auth_verdicts_total", verdict="token_revoked"), 0)

    def warm_memory_kib(self, token: str) -> int:
        self.ctl.load(token, 0.5)
        return self.server.memory_kib()

    def keys_age(self) -> float:
        return self.server.metric("auth_keys_age_seconds")


class ExportFaultsTest(FaultTest):
    def test_backends_that_are_not_there_yet_get_what_comes_later(self):
        self.iam.gate.open()
        self.start()
        await_condition("health is SERVING", self.ctl.serves)
        token = self.iam.token()

        self.ctl.load(token, 0.5)
        for name in BACKENDS:
            await_condition(f"{name} fails", lambda n=name: self.server.failed(n) > 0)
        self.backends_behave("ok")
        self.ctl.load(token, 0.5)

        self.await_all_arrived()
        for name, receiver in self.receivers.items():
            self.assertGreater(receiver.taken, 0, name)
        self.assert_records_are_as_they_should()

    def test_a_backend_that_is_gone_does_not_touch_the_other(self):
        self.start_well()
        token = self.iam.token()
        for gone, other in (BACKENDS, BACKENDS[::-1]):
            with self.subTest(gone), programs.Load(self.ctl, token):
                before, failed = self.server.sent(other), self.server.failed(other)
                self.receivers[gone].behave("stopped")
                await_condition(f"{gone} fails", lambda g=gone: self.server.failed(g) > 1)
                await_condition(f"{other} goes on",
                                lambda o=other, b=before: self.server.sent(o) > b)
                self.assertEqual(self.server.failed(other), failed)
                lost_from = self.server.sent(gone)
                self.receivers[gone].behave("ok")
                await_condition(f"{gone} gets records again",
                                lambda g=gone, b=lost_from: self.server.sent(g) > b)
        self.await_all_arrived()

    def test_calls_go_on_while_backends_misbehave_in_every_way(self):
        self.start_well()
        token = self.iam.token()
        self.rates = {"ok": self.rate_when_well(token)}
        self.ctl.load(token, 0.5, "make-matches")
        memory = {which: self.server.memory_kib(which) for which in ("VmHWM", "VmRSS")}

        for manner in receivers.MANNERS:
            with self.subTest(manner):
                self.assert_calls_go_on_while(manner, token)
        self.await_all_arrived()

        growth = {which: self.server.memory_kib(which) - before for which, before in memory.items()}
        print(f"calls a second: {self.rates}; KiB: {memory}, growth {growth}", flush=True)
        self.assertLess(max(growth.values()), MAX_GROWTH_KIB, growth)
        for name in BACKENDS:
            self.assertGreater(self.server.dropped(name, "queue_full"), 0, name)
        self.assert_no_record_is_unaccounted_for()
        self.assert_records_are_as_they_should()
        login = programs.basic(programs.LOKI_USER, programs.LOKI_PASSWORD)
        self.assertEqual(self.receivers["loki"].authorizations, {f"Basic {login}".encode()})

    def assert_calls_go_on_while(self, manner: str, token: str):
        """And at no less than half the rate."""
        for attempt in range(RATE_ATTEMPTS):
            if attempt > 0:
                self.rates["ok"] = self.rate_when_well(token)
            self.rates[manner] = self.rate_while(manner, token)
            if self.rates[manner] > self.rates["ok"] / 2:
                return
        self.fail(f"{manner} slows calls down: {self.rates}")

    def rate_when_well(self, token: str) -> int:
        return round(self.ctl.load(token, 1)["callsPerSecond"])

    def rate_while(self, manner: str, token: str) -> int:
        """Calls a second while the backends first behave so, and then are well again."""
        signs = {name: self.sign_of(manner, name) for name in BACKENDS}
        before = {name: sign() for name, sign in signs.items()}
        self.backends_behave(manner)
        with programs.Load(self.ctl, token) as load:
            for name, sign in signs.items():
                await_condition(f"the counters tell of {name}",
                                lambda s=sign, n=name: s() > before[n])
            self.assert_served(token)
            sent = {name: self.server.sent(name) for name in BACKENDS}
            self.backends_behave("ok")
            for name in BACKENDS:
                await_condition(f"{name} gets records again",
                                lambda n=name: self.server.sent(n) > sent[n])
        return load.rate()

    def sign_of(self, manner: str, name: str):
        """The counter that tells of this manner."""
        if manner == "status401":
            return lambda: self.server.dropped(name, "refused")
        # Loki's timeout is ten seconds: there the queue is what tells.
        if name == "loki" and manner in ("slow", "silent"):
            return lambda: self.server.dropped(name, "queue_full")
        return lambda: self.server.failed(name)

    def assert_no_record_is_unaccounted_for(self):
        """Loki gets what standard output gets, but for what is said of the exporters themselves."""
        def added(exporter):
            reasons = ("queue_full", "refused", "gave_up")
            return self.server.sent(exporter) + sum(
                self.server.dropped(exporter, reason) for reason in reasons)

        await_condition("standard output has all", lambda: self.server.queued("stdout") == 0)
        own = self.server.said("export fails") + self.server.said("export works again")
        self.assertEqual(added("stdout") - len(own), added("loki"))

    def assert_records_are_as_they_should(self):
        for body in self.receivers["loki"].bodies:
            stream, = json.loads(body)["streams"]
            self.assertEqual(stream["stream"], {"service_name": "app-server"})
            for nanoseconds, line in stream["values"]:
                self.assertGreater(int(nanoseconds), 1_700_000_000_000_000_000)
                record = json.loads(line)
                if record["msg"] == "call ended":
                    self.assertRegex(record["trace_id"], "^[0-9a-f]{32}$")
        for body in self.receivers["zipkin"].bodies:
            for span in json.loads(body):
                self.assertRegex(span["traceId"], "^[0-9a-f]{32}$")
                self.assertRegex(span["id"], "^[0-9a-f]{16}$")
                self.assertEqual(span["localEndpoint"], {"serviceName": "app-server"})


class StandardOutputTest(FaultTest):
    def test_calls_go_on_when_nobody_reads_it(self):
        self.start_well(reads=False)
        token = self.iam.token()

        self.ctl.load(token, 1.5)
        self.assertGreater(self.server.dropped("stdout", "queue_full"), 0)
        self.assertLessEqual(self.server.queued("stdout"), QUEUE_BYTES)
        sent = self.server.sent("stdout")
        self.server.read_on()

        await_condition("what waited is read", lambda: self.server.queued("stdout") == 0)
        self.assertGreater(self.server.sent("stdout"), sent)

    def test_calls_go_on_when_its_reader_has_closed_it(self):
        self.start_well(reads=False)
        self.server.process.stdout.close()

        self.ctl.load(self.iam.token(), 0.5)

        await_condition("the counters tell", lambda: self.server.failed("stdout") > 0
                        and self.server.dropped("stdout", "gave_up") > 0)


class StopTest(FaultTest):
    def test_nobody_who_hangs_holds_it_back(self):
        self.start_well(reads=False)
        token = self.iam.token()
        self.backends_behave("silent")
        asked = self.iam.calls("jwks")
        self.iam.ask("break?endpoint=all&manner=silent")
        self.ctl.load(token, 0.5)
        await_condition("IAM hangs", lambda: self.iam.calls("jwks") > asked)
        for exporter in (*BACKENDS, "stdout"):
            self.assertGreater(self.server.queued(exporter), 0, exporter)

        began = time.monotonic()
        self.assertEqual(self.server.stop(), 0)

        seconds = time.monotonic() - began
        print(f"stopped after {seconds:.2f} s", flush=True)
        self.assertLess(seconds, STOP_WITHIN_S)

    def test_what_waits_reaches_backends_that_are_well(self):
        self.start_well()
        self.assert_served(self.iam.token())

        self.assertEqual(self.server.stop(), 0)

        lines = [json.loads(line) for body in self.receivers["loki"].bodies
                 for _, line in json.loads(body)["streams"][0]["values"]]
        self.assertEqual(lines[-1]["msg"], "stopped")
        call, = [line for line in lines if line["msg"] == "call ended"]
        traces = {span["traceId"] for body in self.receivers["zipkin"].bodies
                  for span in json.loads(body) if span.get("kind") == "SERVER"}
        self.assertEqual(traces, {call["trace_id"]})


class CallersTest(FaultTest):
    PATH = "/accelbyte.matchmaking.matchfunction.MatchFunction/GetStatCodes"

    def verdicts(self, *names: str) -> float:
        return sum(self.server.metric("auth_verdicts_total", verdict=name) for name in names)

    def send(self, *authorizations: bytes) -> None:
        headers = [(b"authorization", value) for value in authorizations]
        raw_http2.send(self.server.address, raw_http2.call(self.PATH, *headers))

    def test_a_token_in_odd_headers_is_no_token(self):
        self.start_well()
        good = b"Bearer " + self.iam.token().encode()
        self.send(good)
        await_condition("a good call is counted", lambda: self.verdicts("allowed") == 1)

        odd = ((good, good), (good, b""), (b"Bearer \xff\xfe" + good,), (good + b"." * 4000,),
               (good[len(b"Bearer "):],), (b"Bearer ",))
        for number, authorizations in enumerate(odd, 1):
            with self.subTest(number):
                self.send(*authorizations)
                await_condition("it is refused", lambda n=number: self.verdicts(
                    "no_token", "malformed", "bad_signature") == n, within_s=5)
        self.assertEqual(self.verdicts("allowed"), 1)

    def test_callers_that_send_rubbish_do_not_touch_others(self):
        self.start_well()
        token = self.iam.token()
        self.ctl.load(token, 0.5)
        before = self.server.memory_kib()
        chance = random.Random(1)
        good = raw_http2.call(self.PATH, (b"authorization", b"Bearer " + token.encode()))

        with programs.Load(self.ctl, token):
            for _ in range(100):
                cut = chance.randrange(len(good))
                for address in (self.server.address, self.server.ready["metrics"]):
                    raw_http2.send(address, good[:cut] + chance.randbytes(100))
                raw_http2.send(self.server.address,
                               raw_http2.call(self.PATH, (b"x", chance.randbytes(15000))))

        self.assert_served(token)
        self.assertLess(self.server.memory_kib() - before, MAX_GROWTH_KIB)


class SecretsTest(unittest.TestCase):
    def test_the_search_for_secrets_finds_them(self):
        self.assertEqual(programs.secrets_in(b'{"detail":"eyJhbGciOi.x.y","a":"login-1"}'),
                         [b"login-", b"eyJ"])
        self.assertEqual(programs.secrets_in(b'{"what":"login"}'), [])


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    FaultTest.e2e_bin = sys.argv.pop()
    FaultTest.bin = sys.argv.pop()
    return 0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())

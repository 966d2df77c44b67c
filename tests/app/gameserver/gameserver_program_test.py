#!/usr/bin/env python3
"""muster-gameserver as a program: its start, its ends, and what it is made of.

    gameserver_program_test.py PROGRAM [--static]

With --static it also has to be a static program that is small without its symbols.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from typing import Dict, List

TIMEOUT_S = 60
MAX_STRIPPED_BYTES = 15 * 1000 * 1000
PROGRAM = ""
STATIC = False


class Server:
    """A running program on free ports; killed at the end of the block."""

    def __init__(self, **variables: str) -> None:
        environment: Dict[str, str] = {
            "BIND_ADDRESS": "127.0.0.1", "GAME_PORT": "0", "CONTROL_PORT": "0", **variables}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LD_LIBRARY_PATH"):
            if name in os.environ:
                environment[name] = os.environ[name]
        self.process = subprocess.Popen([PROGRAM], env=environment, stdout=subprocess.PIPE,
                                        text=True)

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ready(self) -> dict:
        assert self.process.stdout is not None
        record = json.loads(self.process.stdout.readline())
        if record["msg"] != "ready":
            raise AssertionError(record)
        return record

    def records(self) -> List[dict]:
        """What it wrote until its end."""
        output, _ = self.process.communicate(timeout=TIMEOUT_S)
        return [json.loads(line) for line in output.splitlines()]


def call(method: str, port: int, path: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True,
                          timeout=TIMEOUT_S, check=False)


class GameServerProgram(unittest.TestCase):
    def test_serves_and_ends_on_sigterm(self) -> None:
        with Server(MAX_PLAYERS="1") as server:
            port = server.ready()["control_port"]
            self.assertEqual(200, call("GET", port, "/readyz"))
            self.assertEqual(200, call("POST", port, "/reservation/alice"))
            self.assertEqual(403, call("POST", port, "/reservation/bob"))

            server.process.send_signal(signal.SIGTERM)

            self.assertEqual(["stopping", "stopped"], [each["msg"] for each in server.records()])
            self.assertEqual(0, server.process.returncode)

    def test_ends_when_idle(self) -> None:
        with Server(IDLE_EXIT_MS="1") as server:
            server.ready()
            self.assertEqual("idle", server.records()[0]["why"])
            self.assertEqual(0, server.process.returncode)

    def test_names_all_problems_of_its_environment(self) -> None:
        with Server(MAX_PLAYERS="none", IDLE_EXIT_MS="-1") as server:
            (record,) = server.records()
            self.assertEqual(("error", "start failed"), (record["level"], record["msg"]))
            self.assertIn("MAX_PLAYERS", record["detail"])
            self.assertIn("IDLE_EXIT_MS", record["detail"])
            self.assertEqual(1, server.process.returncode)

    def test_says_its_version_and_what_can_be_said(self) -> None:
        version = run("--version")
        self.assertEqual(0, version.returncode)
        self.assertRegex(version.stdout, r"\A[0-9]+\.[0-9]+\.[0-9]+\S*\n\Z")

        usage = run("--help")
        self.assertEqual(0, usage.returncode)
        self.assertIn("--version", usage.stdout)

    def test_takes_no_other_argument(self) -> None:
        refused = run("--verbose")
        self.assertEqual(1, refused.returncode)
        self.assertIn("`--verbose`", json.loads(refused.stdout)["detail"])

    def test_is_one_small_file(self) -> None:
        if not STATIC:
            self.skipTest("not built as a static program")
        headers = subprocess.run(["readelf", "--wide", "--program-headers", PROGRAM], check=True,
                                 capture_output=True, text=True).stdout
        self.assertNotIn("INTERP", headers)
        self.assertNotIn("DYNAMIC", headers)
        with tempfile.NamedTemporaryFile() as stripped:
            subprocess.run(["strip", "-o", stripped.name, PROGRAM], check=True)
            self.assertLess(os.path.getsize(stripped.name), MAX_STRIPPED_BYTES)


if __name__ == "__main__":
    PROGRAM = sys.argv[1]
    STATIC = "--static" in sys.argv[2:]
    unittest.main(argv=sys.argv[:1])

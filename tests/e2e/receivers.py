"""Backends that tests switch on and off: an HTTP receiver that behaves as badly as it is told, and
a gate in front of a server. Both keep their port while they are closed."""

import collections
import re
import socket
import threading
import time
from contextlib import suppress

MANNERS = ("stopped", "status500", "status429", "status401", "slow", "close", "half", "silent")
SLOW_S = 0.8


class Listener:
    """A port of 127.0.0.1 that opens and closes; closing it breaks its connections. What comes in
    goes to serve(), on a thread of its own."""

    def __init__(self):
        self.lock = threading.Condition()
        self.port = 0
        self._open = False
        self._threads = []
        self._connections = set()
        self._reserve()

    def _reserve(self) -> None:
        """Bound, but not listening: connections are refused and nobody else gets the port."""
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]

    def open(self) -> None:
        if self._open:
            return
        self._open = True
        self._socket.listen(64)
        self._start(self._accept)

    def close(self) -> None:
        if not self._open:
            return
        self._open = False
        self._socket.shutdown(socket.SHUT_RDWR)
        self.break_connections()
        for thread in self._threads:
            thread.join()
        self._threads = []
        self._socket.close()
        self._reserve()

    def dispose(self) -> None:
        self.close()
        self._socket.close()

    def break_connections(self) -> None:
        with self.lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self.lock.notify_all()

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def _start(self, target, *arguments) -> None:
        thread = threading.Thread(target=target, args=arguments)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with self.lock:
                self._connections.add(connection)
            # One that came while the port closed must not stay.
            if not self._open:
                self.break_connections()
            self._start(self._serve, connection)

    def _serve(self, connection) -> None:
        try:
            self.serve(connection)
        except OSError:
            pass
        finally:
            with self.lock:
                self._connections.discard(connection)
                connection.close()


class Gate(Listener):
    """Passes bytes on to a port while it is open."""

    def __init__(self, port: int):
        self._to = port
        super().__init__()

    def serve(self, connection) -> None:
        with socket.create_connection(("127.0.0.1", self._to)) as onward:
            back = threading.Thread(target=self._pass, args=(onward, connection))
            back.start()
            self._pass(connection, onward)
            back.join()

    @staticmethod
    def _pass(source, sink) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for each in (source, sink):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class Receiver(Listener):
    """Takes POSTs as Loki or Zipkin does, and counts the records in those that it answered well:
    `mark` stands once in each record. `inspect` sees every body."""

    def __init__(self, mark: bytes, inspect):
        super().__init__()
        self._mark = mark
        self._inspect = inspect
        self._manner = "ok"
        self.taken = 0
        self.requests = 0
        self.authorizations = set()
        self.bodies = collections.deque(maxlen=4)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def behave(self, manner: str) -> None:
        """"ok" or one of MANNERS, for answers that are not sent yet."""
        with self.lock:
            self._manner = manner
            self.lock.notify_all()
        if manner == "stopped":
            self.close()
        else:
            self.open()

    def serve(self, connection) -> None:
        with connection.makefile("rb") as reader:
            while (body := self._read(reader)) is not None:
                self._inspect(body)
                with self.lock:
                    self.requests += 1
                    if not self._answer(connection, body):
                        return

    def _read(self, reader):
        """The body of the next request; nothing when the client is gone."""
        length = 0
        while (line := reader.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            elif name.lower() == b"authorization":
                self.authorizations.add(value.strip())
        body = reader.read(length)
        return body if line and len(body) == length else None

    def _answer(self, connection, body: bytes) -> bool:
        """False when the connection shall end. With the lock held, so that what is counted as taken
        has been answered when the port closes."""
        manner = self._manner
        if manner == "silent":
            self.lock.wait_for(lambda: self._manner != manner or not self._open)
            return False
        if manner == "slow":
            # In steps, as every change wakes it.
            until = time.monotonic() + SLOW_S
            while (left := until - time.monotonic()) > 0 and self._open:
                self.lock.wait(left)
        if manner in ("close", "stopped") or not self._open or is_gone(connection):
            return False
        if manner == "half":
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            return False
        status = re.sub("^status", "", manner) if manner.startswith("status") else "204"
        if status == "204":
            self.taken += body.count(self._mark)
            self.bodies.append(body)
        length = "" if status == "204" else "Content-Length: 0\r\n"
        connection.sendall(f"HTTP/1.1 {status} Said\r\n{length}\r\n".encode())
        return True


def is_gone(connection) -> bool:
    """Whether the other end has closed."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True

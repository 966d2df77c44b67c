"""Just enough of HTTP/2 (RFC 9113) and HPACK (RFC 7541) to send calls that no client would send."""

import socket
from contextlib import suppress

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS = 0, 1, 4
END_STREAM, END_HEADERS = 1, 4
# A message of gRPC that is empty: not compressed, no bytes.
EMPTY_MESSAGE = bytes(5)
WITHIN_S = 10


def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    return (len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
            + payload)


def text(value: bytes) -> bytes:
    """As a string literal without Huffman coding."""
    if len(value) < 127:
        return bytes([len(value)]) + value
    rest, length = len(value) - 127, bytearray([127])
    while rest >= 128:
        length.append(rest % 128 + 128)
        rest //= 128
    length.append(rest)
    return bytes(length) + value


def call(path: str, *headers) -> bytes:
    """A call on stream 1 with more headers, (name, value) in bytes each."""
    always = ((b":method", b"POST"), (b":scheme", b"http"), (b":path", path.encode()),
              (b":authority", b"localhost"), (b"te", b"trailers"),
              (b"content-type", b"application/grpc"))
    block = b"".join(b"\0" + text(name) + text(value) for name, value in (*always, *headers))
    return (PREFACE + frame(SETTINGS, 0, 0, b"") + frame(HEADERS, END_HEADERS, 1, block)
            + frame(DATA, END_STREAM, 1, EMPTY_MESSAGE))


def send(address: str, data: bytes) -> None:
    """Sends, and reads until the server closes; that it breaks the connection is an answer too."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=WITHIN_S) as connection:
        with suppress(OSError):
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass

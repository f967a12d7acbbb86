"""What a Pod's network has, on the loopback: a DNS server, and AWS's endpoint with TLS before the emulator."""

import contextlib
import socket
import ssl
import struct
import subprocess
import threading

COGNITO = "cognito-idp.eu-west-1.amazonaws.com"
NAMES = (COGNITO, "kubernetes.default.svc")
A, IN, NO_ERROR, NO_SUCH_NAME = 1, 1, 0x8180, 0x8183


def serve_dns():
    """Says 127.0.0.1 for NAMES, and that there is no other name. Port 53, as resolv.conf cannot name another."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    in_background(lambda: answer_one(server))


def answer_one(server):
    question, client = server.recvfrom(4096)
    labels, end = [], 12
    while question[end]:
        labels.append(question[end + 1:end + 1 + question[end]].decode().lower())
        end += 1 + question[end]
    (kind,) = struct.unpack(">H", question[end + 1:end + 3])
    known = ".".join(labels) in NAMES
    answers = [b"\xc0\x0c" + struct.pack(">HHIH", A, IN, 5, 4) + bytes((127, 0, 0, 1))] if known and kind == A else []
    header = question[:2] + struct.pack(">HHHHH", NO_ERROR if known else NO_SUCH_NAME, 1, len(answers), 0, 0)
    server.sendto(header + question[12:end + 5] + b"".join(answers), client)


def serve_tls(port, certificate, key):
    """Cognito's endpoint: takes TLS off at port 443 and hands on to `port`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    server = socket.create_server(("127.0.0.1", 443))
    in_background(lambda: accept_one(server, context, port))


def accept_one(server, context, port):
    client, _ = server.accept()
    with contextlib.suppress(ssl.SSLError):  # A client that does not trust us hangs up: the test sees it elsewhere.
        client = context.wrap_socket(client, server_side=True)
        behind = socket.create_connection(("127.0.0.1", port))
        threading.Thread(target=relay, args=(client, behind), daemon=True).start()


def relay(client, behind):
    with client, behind:
        back = threading.Thread(target=hand_on, args=(behind, client), daemon=True)
        back.start()
        hand_on(client, behind)
        back.join()


def hand_on(source, sink):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def in_background(step):
    def forever():
        while True:
            step()
    threading.Thread(target=forever, daemon=True).start()


def certificates(folder):
    """An authority, and a certificate of it for Cognito's name: (authority, certificate, key)."""
    authority, certificate, key = (folder / name for name in ("authority.pem", "server.pem", "server.key"))
    new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
    run(*new, "-subj", "/CN=authority", "-keyout", folder / "authority.key", "-out", authority)
    run(*new, "-subj", "/CN=server", "-keyout", key, "-out", certificate, "-CA", authority,
        "-CAkey", folder / "authority.key", "-addext", f"subjectAltName=DNS:{COGNITO}",
        "-addext", "basicConstraints=critical,CA:FALSE")
    return authority, certificate, key


def run(*command):
    subprocess.run([str(word) for word in command], check=True, capture_output=True)

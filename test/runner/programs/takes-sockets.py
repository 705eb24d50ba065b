"""Puts bytes into sockets (and pipes) that nobody reads, in children that then sleep, while the program waits for its person.

Arguments: what to fill, processes, and pairs of sockets of each process.
"""
import os, select, socket, sys, threading, time

how, processes, pairs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
CHUNK = bytes(1 << 20)


def larger(*sockets):
    for each in sockets:
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            try:
                each.setsockopt(socket.SOL_SOCKET, option, 8 << 20)
            except OSError:
                pass
        each.setblocking(False)


def pour(sender, chunk=CHUNK, most=1 << 40):
    sent = 0
    try:
        while sent < most:
            sent += sender.send(chunk)
    except OSError:
        pass
    return sent


def connected(family, host):
    with socket.socket(family) as listener:
        larger(listener)
        listener.bind((host, 0))
        listener.listen()
        client = socket.socket(family)
        larger(client)
        client.settimeout(10)
        client.connect(listener.getsockname()[:2])
        server = listener.accept()[0]
        larger(client, server)
        return client, server


def tcp(family=socket.AF_INET, host="127.0.0.1"):
    pair = connected(family, host)
    return pair, sum(map(pour, pair))


def tcp6():
    return tcp(socket.AF_INET6, "::1")


def tcp_single_bytes():
    client, server = connected(socket.AF_INET, "127.0.0.1")
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return (client, server), pour(client, b"x", 100)


def tcp_closed():
    """The sender is closed, and its bytes stay."""
    client, server = connected(socket.AF_INET, "127.0.0.1")
    sent = pour(client)
    client.close()
    return (server,), sent


listeners = []


def tcp_not_accepted():
    """Connections that nobody has taken."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(50)
    listeners.append(listener)
    client = socket.create_connection(listener.getsockname())
    client.setblocking(False)
    return (listener, client), pour(client)


def udp(family=socket.AF_INET, host="127.0.0.1"):
    receiver = socket.socket(family, socket.SOCK_DGRAM)
    larger(receiver)
    receiver.bind((host, 0))
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        for _ in range(4):
            sender.sendto(bytes(60_000), receiver.getsockname()[:2])
    return (receiver,), 4 * 60_000


def udp6():
    return udp(socket.AF_INET6, "::1")


def unix():
    pair = socket.socketpair()
    larger(*pair)
    return pair, sum(map(pour, pair))


def unix_datagrams():
    pair = socket.socketpair(type=socket.SOCK_DGRAM)
    larger(*pair)
    return pair, sum(pour(each, bytes(60_000)) for each in pair)


def pipes():
    read, write = os.pipe()
    os.set_blocking(write, False)
    return (read, write), os.write(write, CHUNK)


def attack():
    fill = globals()[how.replace("-", "_")]
    reports, report = os.pipe()
    for _ in range(processes):
        if os.fork() == 0:
            kept, taken = [], 0
            try:
                for _ in range(pairs):
                    sockets, bytes_in = fill()
                    kept.append(sockets)
                    taken += bytes_in
            except OSError:
                pass
            os.write(report, b"%d\n" % taken)
            time.sleep(1000)
    os.close(report)
    lines = b""
    while lines.count(b"\n") < processes and (more := os.read(reports, 1000)):
        lines += more
    print("taken", sum(map(int, lines.split())) >> 20, flush=True)
    sys.stdin.readline()
    print("survived", flush=True)


def honest():
    """What a lesson on sockets does."""
    import http.server, urllib.request

    def echo(connection):
        with connection:
            while data := connection.recv(65536):
                connection.sendall(data)

    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)

    def serve():
        while True:
            threading.Thread(target=echo, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()

    def client():
        with socket.create_connection(listener.getsockname()) as connection:
            threading.Thread(target=connection.sendall, args=(CHUNK * 4,), daemon=True).start()
            got = 0
            while got < 4 << 20:
                got += len(connection.recv(1 << 20))

    # Without control groups a program may have 8 threads.
    client()
    several = [socket.create_connection(listener.getsockname()) for _ in range(2)]
    for each in several:
        each.sendall(b"hello")
    assert all(each.recv(5) == b"hello" for each in several)
    for each in several:
        each.close()

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * (2 << 20))

        def log_message(self, *_):
            pass

    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    assert len(urllib.request.urlopen(f"http://127.0.0.1:{web.server_port}/").read()) == 2 << 20

    with socket.socket(type=socket.SOCK_DGRAM) as receiver, socket.socket(type=socket.SOCK_DGRAM) as sender:
        receiver.bind(("127.0.0.1", 0))
        sender.sendto(bytes(50_000), receiver.getsockname())
        assert len(receiver.recv(65536)) == 50_000
    left, right = socket.socketpair(type=socket.SOCK_DGRAM)
    left.send(b"datagram")
    assert right.recv(100) == b"datagram"
    print("talked", flush=True)
    os._exit(0)


honest() if how == "honest" else attack()

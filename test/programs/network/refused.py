import socket
import urllib.request

probe = socket.socket()
probe.bind(("127.0.0.1", 0))
try:
    socket.create_connection(("127.0.0.1", probe.getsockname()[1]))
except ConnectionRefusedError as error:
    print(error)
urllib.request.urlopen(f"http://127.0.0.1:{probe.getsockname()[1]}/")

import socket
import threading

server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
seen = []


def serve():
    connection, address = server.accept()
    with connection:
        connection.sendall(connection.recv(100)[::-1])
        seen.append(address[0])


thread = threading.Thread(target=serve)
thread.start()
with socket.create_connection(("localhost", port)) as client:
    client.sendall(b"hello")
    print(client.recv(100))
thread.join()
print("server saw", *seen)
one, other = socket.socketpair()
one.send(b"pair")
print(other.recv(10), socket.gethostbyname("localhost"), socket.getfqdn("localhost") != "")
datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
datagram.bind(("127.0.0.1", 0))
datagram.sendto(b"udp", datagram.getsockname())
print(datagram.recv(10))

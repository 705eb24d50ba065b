import os
import select
import selectors
import socket

server = socket.socket(socket.AF_UNIX)
server.bind("sock")
server.listen()
client = socket.socket(socket.AF_UNIX)
client.connect("sock")
connection, _ = server.accept()
client.send(b"x")
print(len(select.select([connection], [], [], 60)[0]))
poll = select.poll()
poll.register(connection, select.POLLIN)
print(len(poll.poll(60000)), len(select.epoll(1).poll(0)))
selector = selectors.DefaultSelector()
selector.register(connection, selectors.EVENT_READ, "data")
print([key.data for key, _ in selector.select(60)], type(selector).__name__)
socket.send_fds(client, [b"fd"], [0]) if hasattr(socket, "send_fds") else None
os.remove("sock")

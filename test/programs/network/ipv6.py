import socket

if socket.has_ipv6:
    server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    client = socket.create_connection(("::1", server.getsockname()[1]))
    print(client.getpeername()[0])

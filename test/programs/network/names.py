import socket

print(socket.gethostbyname("localhost"), sorted({info[4][0] for info in socket.getaddrinfo("localhost", 80, socket.AF_INET)}))
print(socket.gethostbyname_ex("localhost")[2], socket.gethostbyname("127.0.0.1"), bool(socket.gethostname()))
print(socket.gethostbyaddr("127.0.0.1")[0], socket.getservbyname("http"), socket.getservbyport(22), socket.getprotobyname("tcp"))

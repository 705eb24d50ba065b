import http.server
import threading
import urllib.request


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"you asked for {self.path}".encode())

    def log_message(self, *args):
        pass


server = http.server.HTTPServer(("localhost", 0), Handler)
threading.Thread(target=server.serve_forever).start()
print(urllib.request.urlopen(f"http://localhost:{server.server_port}/page?x=1").read())
server.shutdown()
server.server_close()

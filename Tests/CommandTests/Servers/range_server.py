"""Serves a folder on loopback for the tests of downloads, with ranges, and prints its port. It ends with its standard input.

/NAME          the file NAME
/cut/NAME      the same, the connection breaking after half of the file unless a range is asked for
/plain/NAME    the same from a server that knows no ranges

Each request's range goes to FOLDER/requests.log.
"""

import http.server
import os
import sys
import threading

folder = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        kind, name = os.path.split(self.path)
        path = os.path.join(folder, name)
        asked = self.headers.get("Range", "")
        with open(os.path.join(folder, "requests.log"), "a") as log:
            log.write(f"{self.path} {asked or 'whole'}\n")
        if not os.path.isfile(path):
            return self.send_error(404)
        with open(path, "rb") as file:
            data = file.read()
        start = int(asked.removeprefix("bytes=").split("-")[0]) if asked and kind != "/plain" else 0
        if start >= len(data):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(data)}")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        end = len(data) // 2 if kind == "/cut" and not start else len(data)
        self.wfile.write(data[start:end])

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()

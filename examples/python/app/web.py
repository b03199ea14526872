"""POST /jobs puts a job into the queue; GET /jobs/NUMBER tells its result."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis

queue = redis.Redis(os.environ["REDIS_HOST"], decode_responses=True)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        number = queue.incr("last")
        queue.set(f"job:{number}", text)
        queue.lpush("waiting", number)
        self.answer(202, f"/jobs/{number}")

    def do_GET(self):
        if self.path == "/health":
            return self.answer(200, "ok")
        result = queue.get("result:" + self.path.removeprefix("/jobs/"))
        self.answer(*((404, "not yet") if result is None else (200, result)))

    def answer(self, status, text):
        body = f"{text}\n".encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# The first process of a container hears no signal that it does not ask for.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
ThreadingHTTPServer(("", 8000), Handler).serve_forever()

"""Takes one job after the other out of the queue, until it is told to stop."""

import os
import signal
import socket

import redis

queue = redis.Redis(os.environ["REDIS_HOST"], decode_responses=True)
running = True


def stop(*_):
    global running
    running = False


signal.signal(signal.SIGTERM, stop)
while running:
    # The job stays in the list of those that are being done until its result is there.
    number = queue.brpoplpush("waiting", "working", timeout=1)
    if number is None:
        continue
    result = queue.get(f"job:{number}").upper()
    queue.set(f"result:{number}", f"{result} by {socket.gethostname()}", ex=3600)
    queue.delete(f"job:{number}")
    queue.lrem("working", 1, number)
    print("did job", number)

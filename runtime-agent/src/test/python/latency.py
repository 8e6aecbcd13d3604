"""Measures a running agent over HTTP: HOST:PORT MODEL INPUT ELEMENTS [--pid PID] [--seconds N] [--json].

One connection, then sixteen, with bytes in and out; standard library only. Prints rate, percentiles and, with the server's
process id, its processor time per request, which compares best when the client runs on the same cores.
"""
import argparse
import json
import os
import socket
import threading
import time


def message(args):
    size = args.elements * 4
    tensor = bytes(size)
    head = {"inputs": [{"name": args.input, "shape": [1, args.elements], "datatype": "FP32"}],
            "parameters": {"binary_data_output": True}}
    if args.json:
        head["inputs"][0]["data"] = [0.5] * args.elements
        tensor = b""
    else:
        head["inputs"][0]["parameters"] = {"binary_data_size": size}
    text = json.dumps(head).encode()
    length = "" if args.json else f"Inference-Header-Content-Length: {len(text)}\r\n"
    return (f"POST /v2/models/{args.model}/infer HTTP/1.1\r\nHost: {args.address}\r\n{length}"
            f"Content-Length: {len(text) + len(tensor)}\r\n\r\n").encode() + text + tensor


def receive(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(head.decode() + body.decode(errors="replace"))
    lines = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:])
    left = int(lines["content-length"]) - len(body)
    while left > 0:
        left -= len(connection.recv(left))


def caller(args, until, times):
    host, port = args.address.rsplit(":", 1)
    request = message(args)
    with socket.create_connection((host, int(port))) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            begin = time.perf_counter()
            if begin > until:
                return
            connection.sendall(request)
            receive(connection)
            times.append(time.perf_counter() - begin)


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(args, concurrency):
    times = []
    before = processor_seconds(args.pid) if args.pid else 0
    until = time.perf_counter() + args.seconds
    threads = [threading.Thread(target=caller, args=(args, until, times)) for _ in range(concurrency)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    times.sort()
    line = (f"c{concurrency}: {len(times) / args.seconds:.0f}/s, p50 {times[len(times) // 2] * 1e3:.3f} ms, "
            f"p99 {times[int(len(times) * 0.99)] * 1e3:.3f} ms")
    if args.pid:
        line += f", server {(processor_seconds(args.pid) - before) / len(times) * 1e6:.0f} us of processor time per request"
    print(line)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("model")
    parser.add_argument("input")
    parser.add_argument("elements", type=int)
    parser.add_argument("--pid", type=int)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    measure(argparse.Namespace(**{**vars(args), "seconds": 3, "pid": None}), 1)
    measure(args, 1)
    measure(args, 16)


if __name__ == "__main__":
    main()

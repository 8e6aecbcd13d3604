"""A server as its operating system sees it: started, asked for its processor time and memory, ended with all its children."""
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
import uuid

TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


class NotReady(Exception):
    """A server did not come up; the message says what its log ended with."""


class Process:
    """With a mark in its environment, by which everything it starts is found, whatever session or parent that chooses."""

    def __init__(self, command, log, environment=None, folder=None):
        self.log = log
        self.mark = uuid.uuid4().hex
        self.began = time.monotonic()
        marked = {**os.environ, **(environment or {}), "SHUSUAN_BENCH_MARK": self.mark}
        with open(log, "wb") as output:
            self.popen = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env=marked, cwd=folder, start_new_session=True)

    def wait_ready(self, url, seconds=120):
        """Returns how many milliseconds lie between the start and the first good answer."""
        while time.monotonic() - self.began < seconds:
            if self.popen.poll() is not None:
                raise NotReady(f"it ended with {self.popen.returncode}: {self.tail()}")
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    if answer.status == 200:
                        return round((time.monotonic() - self.began) * 1000)
            except (urllib.error.URLError, OSError):
                time.sleep(0.01)
        raise NotReady(f"no answer at {url} after {seconds} s: {self.tail()}")

    def tail(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return " | ".join(log.read().strip().splitlines()[-3:])[-600:]

    def pids(self):
        mark = f"SHUSUAN_BENCH_MARK={self.mark}".encode()
        found = []
        for name in os.listdir("/proc"):
            if name.isdigit() and mark in read(f"/proc/{name}/environ"):
                found.append(int(name))
        return found

    def cpu_us(self):
        """Processor time so far, that of ended children with it."""
        ticks = 0
        for pid in self.pids():
            # behind the name, which may contain anything: user and system time, and those of children
            times = read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[11:15]
            ticks += sum(map(int, times))
        return ticks * TICK_US

    def rss_mb(self):
        pages = 0
        for pid in self.pids():
            fields = read(f"/proc/{pid}/statm").split()
            pages += int(fields[1]) if fields else 0
        return pages * PAGE / (1 << 20)

    def stop(self):
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.pids():
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass  # ended by itself
            end = time.monotonic() + 15
            while self.pids() and time.monotonic() < end:
                self.popen.poll()
                time.sleep(0.05)
        self.popen.wait()


def read(path):
    """What is in a file of /proc; nothing when its process has gone."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""

"""Machines for tests of whole rooms: network namespaces with a cable each to one switch, and programs on them."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CLI = os.environ.get("RONDO_CLI", os.path.join(ROOT, "build/app/rondo-cli"))
VERBOSE = "--verbose" in sys.argv[1:]
PATIENCE = 180  # seconds for anything that is waited for: all end by themselves long before
PREFIX = f"rondo{os.getpid()}"
LAN = f"{PREFIX}-lan"


class Skip(Exception):
    pass


class Failure(Exception):
    pass


def ip(*words, **more):
    return subprocess.run(["ip", *words], check=True, capture_output=True, text=True, **more)


class Net:
    """One switch and machines with a cable each."""

    def __init__(self):
        self.names = []
        self.netem = None

    def open(self):
        if os.geteuid() != 0:
            raise Skip("only root may make network namespaces")
        try:
            self.add(LAN)
            ip("-n", LAN, "link", "add", "switch", "type", "bridge")
            ip("-n", LAN, "link", "set", "switch", "up")
        except (subprocess.CalledProcessError, FileNotFoundError) as error:
            raise Skip(f"no network namespaces here: {getattr(error, 'stderr', None) or error}".strip())

    def add(self, name):
        ip("netns", "add", name)
        self.names.append(name)
        ip("-n", name, "link", "set", "lo", "up")

    def machine(self, number):
        """A machine with address 10.77.0.<number>; its namespace."""
        name = f"{PREFIX}-{number}"
        self.add(name)
        port = f"port{number}"
        ip("-n", LAN, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name)
        ip("-n", LAN, "link", "set", port, "master", "switch", "up")
        ip("-n", name, "address", "add", f"10.77.0.{number}/24", "dev", "eth0")
        ip("-n", name, "link", "set", "eth0", "up")
        self.shape(name)
        return name

    def shape(self, name):
        def tc(*words):
            return subprocess.run(["ip", "netns", "exec", name, "tc", "qdisc", "replace", "dev", "eth0", "root", *words],
                                  capture_output=True, text=True)
        if self.netem is not False:
            self.netem = tc("netem", "delay", "20ms", "rate", "50mbit").returncode == 0
        if not self.netem:
            limited = tc("tbf", "rate", "50mbit", "burst", "32k", "latency", "400ms")
            if limited.returncode != 0:
                raise Skip(f"the kernel limits no bandwidth: {limited.stderr.strip()}")

    def cable(self, number, plugged):
        # At the switch's end.
        ip("-n", LAN, "link", "set", f"port{number}", "up" if plugged else "down")

    def hosts(self, name, lines):
        """What names lead to on that machine (ip netns shows it in place of /etc/hosts)."""
        os.makedirs(f"/etc/netns/{name}", exist_ok=True)
        with open(f"/etc/netns/{name}/hosts", "w") as file:
            file.write("\n".join(["127.0.0.1 localhost", *lines]) + "\n")

    def close(self):
        for name in self.names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
            shutil.rmtree(f"/etc/netns/{name}", ignore_errors=True)


class Program:
    """rondo-cli on one machine, and what it has said."""

    def __init__(self, label, namespace, *arguments):
        self.label, self.lines, self.changed = label, [], threading.Condition()
        self.process = subprocess.Popen(["ip", "netns", "exec", namespace, CLI, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.changed:
                self.lines.append(line.rstrip("\n"))
                self.changed.notify_all()
            if VERBOSE:
                print(f"  {self.label}: {line.rstrip()}", flush=True)

    def until(self, pattern, begin=0):
        """The first line from `begin` on that fits, with its match; fails when the program ends without one."""
        due = time.monotonic() + PATIENCE
        with self.changed:
            while True:
                for at in range(begin, len(self.lines)):
                    if found := re.search(pattern, self.lines[at]):
                        return at, found
                begin = len(self.lines)
                left = due - time.monotonic()
                if left <= 0 or not self.reader.is_alive():
                    raise Failure(f"{self.label} never said “{pattern}”; its last lines:\n  " + "\n  ".join(self.lines[-12:]))
                self.changed.wait(min(left, 0.5))

    def code(self):
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.label} does not end; its last lines:\n  " + "\n  ".join(self.lines[-12:]))
        self.reader.join(5)
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)  # ip execs it: one process


def require(condition, words):
    if not condition:
        raise Failure(words)
    print(f"ok: {words}", flush=True)


def run(play):
    """Carries out play(net, folder, programs), cleans up, and gives the exit code: 0, 1 or 77 where it was skipped."""
    net, programs = Net(), []
    folder = tempfile.mkdtemp(prefix="rondo.")
    try:
        net.open()
        play(net, folder, programs)
    except Skip as why:
        print(f"skipped: {why}")
        return 77
    except Failure as why:
        print(f"FAILED: {why}")
        return 1
    finally:
        for program in programs:
            program.kill()
        net.close()
        shutil.rmtree(folder, ignore_errors=True)
    print("All is as it should be.")
    return 0

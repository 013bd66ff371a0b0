"""Which paths are capture's."""

import pytest

from onefold.capture.routes import Takes, find_route, is_capture_path


@pytest.mark.parametrize(
    ("path", "takes", "kind"),
    [
        ("/v1/track", Takes.EVENT, "track"),
        ("/v1/track/", Takes.EVENT, "track"),
        ("/v1/i", Takes.EVENT, "identify"),
        ("/v1/s", Takes.EVENT, "screen"),
        ("/api/s/page", Takes.EVENT, "page"),
        ("/api/s/s2s/group", Takes.EVENT, "group"),
        ("/v1/b", Takes.BATCH, ""),
        ("/v1/import", Takes.BATCH, ""),
        ("/beacon/v1/batch", Takes.BATCH, ""),
        ("/v1/m", Takes.METRICS, ""),
        ("/v1/pixel/track", Takes.PIXEL, "track"),
        ("/pixel/v1/page", Takes.PIXEL, "page"),
        ("/v1/projects/wk/settings", Takes.SETTINGS, ""),
        ("/sourceConfig/", Takes.SOURCE_CONFIG, ""),
        ("/analytics.js/v1/wk/analytics.min.js", Takes.SCRIPT, ""),
    ],
)
def test_every_dialect_is_known(path, takes, kind):
    route = find_route(path)
    assert route is not None
    assert (route.takes, route.type) == (takes, kind)
    assert is_capture_path(path)


def test_the_write_key_in_a_path_is_kept():
    assert find_route("/v1/projects/wk/settings").write_key == "wk"


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/", "/v1/projects/settings", "/api/s/nothing"])
def test_unknown_paths_of_ours_are_answered_by_us(path):
    assert find_route(path) is None
    assert is_capture_path(path)


@pytest.mark.parametrize("path", ["/", "/api/v1/sources", "/healthz", "/v2/track", "/metrics"])
def test_other_paths_are_left_to_others(path):
    assert not is_capture_path(path)

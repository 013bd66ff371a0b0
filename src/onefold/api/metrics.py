"""/metrics for Prometheus."""

from litestar import get
from litestar.handlers import HTTPRouteHandler
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from onefold.api.right import EVERYONE, SEE
from onefold.api.workspace import Here


def metrics_handler(*, is_public: bool) -> HTTPRouteHandler:
    """The handler of GET /metrics. Counts alone, no personal data: anybody may read if `is_public`."""

    @get(
        "/metrics",
        opt=EVERYONE if is_public else SEE,
        include_in_schema=False,
        sync_to_thread=True,
        media_type=CONTENT_TYPE_PLAIN_0_0_4,
    )
    def show_metrics(workspace: Here) -> bytes:
        """Counts for Prometheus: docs/reference/metrics.md."""
        return workspace.observatory.metrics()

    return show_metrics

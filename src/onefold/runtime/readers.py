"""What the web role reads of the files of the other roles, for the API and for who observes."""

from pathlib import Path

from onefold.backends.embedded.delivery_status import EmbeddedDeliveryStatus
from onefold.backends.embedded.event_totals import EmbeddedEventTotals
from onefold.backends.embedded.goal_runs import EmbeddedGoalRuns
from onefold.backends.embedded.judge import Connectors
from onefold.backends.embedded.letters import EmbeddedLetters
from onefold.backends.embedded.looks import EmbeddedLooks
from onefold.backends.embedded.mails import EmbeddedMailReader
from onefold.backends.embedded.people import EmbeddedPeople
from onefold.backends.embedded.received import EmbeddedReceived
from onefold.backends.embedded.segment_days import EmbeddedSegmentDays
from onefold.backends.embedded.tasks import EmbeddedRunReader
from onefold.backends.embedded.timeline import EmbeddedTimeline
from onefold.backends.embedded.traces import EmbeddedTraces


class Readers:
    """Each opens its file at the first question; safe to share between threads."""

    def __init__(self, root: Path, connectors: Connectors) -> None:
        """`connectors` tell a trace what a goal makes of an event."""
        self.people = EmbeddedPeople(root)
        self.timeline = EmbeddedTimeline(root)
        self.segment_days = EmbeddedSegmentDays(root)
        self.totals = EmbeddedEventTotals(root)
        self.runs = EmbeddedRunReader(root)
        self.delivery = EmbeddedDeliveryStatus(root)
        self.goal_runs = EmbeddedGoalRuns(root)
        self.letters = EmbeddedLetters(root)
        self.mails = EmbeddedMailReader(root)
        self.looks = EmbeddedLooks(root)
        self.traces = EmbeddedTraces(root, connectors)
        self.received = EmbeddedReceived(root)

    def close(self) -> None:
        """Give the files back."""
        for reader in vars(self).values():
            reader.close()

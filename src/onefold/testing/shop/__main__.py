"""The shop alone: `python -m onefold.testing.shop --url http://127.0.0.1:8080 --write-key KEY`."""

import argparse
import signal
import sys
import threading

from onefold.testing.shop.send import ShopProgress, ShopSender


def main() -> None:
    """Send until interrupted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="where Onefold listens")
    parser.add_argument("--write-key", required=True, help="of the source that the events come from")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another shop")
    parser.add_argument("--history-days", type=int, default=60, help="days of the past that are sent first")
    parser.add_argument("--visits-per-day", type=float, default=100.0, help="of the past")
    parser.add_argument("--rate", type=float, default=10.0, help="live events a second; 0: only the past")
    given = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    sender = ShopSender(
        given.url,
        given.write_key,
        seed=given.seed,
        history_days=given.history_days,
        visits_per_day=given.visits_per_day,
        rate_per_s=given.rate,
    )
    sender.run(stop, _report)


def _report(progress: ShopProgress) -> None:
    where = "live" if progress.is_live else f"day {progress.days_done:.0f} of {progress.days}"
    failed = f", {progress.failed} requests failed" if progress.failed else ""
    sys.stdout.write(f"\r{where}: {progress.sent:,} events of {progress.people:,} people{failed}    ")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

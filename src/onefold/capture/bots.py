"""Is this user agent a known bot? By the words that crawlers and monitors put into their names."""

import re

_BOT = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|headless|phantomjs|lighthouse|pingdom|uptime|facebookexternalhit"
    r"|preview|scrapy|monitoring|ia_archiver|wget|httrack|archive\.org",
    re.IGNORECASE,
)
USER_AGENT_CHARS_MAX = 512
"""A longer one is cut before it is searched: the words stand at the front."""


def is_bot(user_agent: str) -> bool:
    """True for a known crawler, monitor or preview."""
    return bool(user_agent) and _BOT.search(user_agent[:USER_AGENT_CHARS_MAX]) is not None

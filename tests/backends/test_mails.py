"""What the mails of the tasks role promise of each write: all or nothing, whatever goes wrong."""

import pytest

from onefold.backends.embedded.mails import EmbeddedMails


def test_whatever_goes_wrong_hinders_nothing(tmp_path):
    mails = EmbeddedMails(tmp_path)
    with pytest.raises(OverflowError):
        mails.end(2**63, "sent")
    mails.add([], 1, cursor=7)
    assert mails.cursor() == 7
    mails.close()

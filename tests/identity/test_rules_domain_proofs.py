"""When the proof of an e-mail domain ends: by answers alone, a week's worth of them in a row."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.rules.domain_proofs import ASKED_EVERY, ENDS_AFTER, ENDS_AFTER_MISSES, Standing, standing

AT = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("found", "missing_for", "missed", "expected"),
    [
        (True, None, 0, Standing.HOLDS),
        (True, 6 * DAY, 6, Standing.RETURNED),
        (True, 70 * DAY, 70, Standing.RETURNED),
        (False, None, 0, Standing.FIRST_MISS),
        (False, 1 * DAY, 1, Standing.MISSING),
        (False, 6 * DAY, 6, Standing.MISSING),
        (False, 7 * DAY - timedelta(seconds=1), 7, Standing.MISSING),
        (False, 7 * DAY, 7, Standing.OVER),
        (False, 30 * DAY, 1, Standing.MISSING),
        (False, 30 * DAY, 6, Standing.MISSING),
        (False, 30 * DAY, 7, Standing.OVER),
    ],
)
def test_standing(found: bool, missing_for: timedelta | None, missed: int, expected: Standing) -> None:
    """Neither a week with few answers nor many answers in less than a week end a proof; an answer with the record does
    away with all before it."""
    since = AT - missing_for if missing_for is not None else None
    assert standing(found=found, missing_since=since, missed=missed, at=AT) is expected


@given(st.lists(st.sampled_from([True, False, None]), max_size=40))
def test_a_proof_ends_with_the_eighth_answer_in_a_row_without_the_record(days: list[bool | None]) -> None:
    """Asked once a day, with answers that have the record, that lack it, and days on which nobody answers."""
    since, missed, row = None, 0, 0
    for number, found in enumerate(days):
        at = AT + number * ASKED_EVERY
        if found is None:
            continue
        row = 0 if found else row + 1
        verdict = standing(found=found, missing_since=since, missed=missed, at=at)
        assert (verdict is Standing.OVER) == (row > ENDS_AFTER_MISSES)
        if verdict is Standing.OVER:
            assert since is not None
            assert at - since >= ENDS_AFTER
            return
        since, missed = (None, 0) if found else (since or at, missed + 1)

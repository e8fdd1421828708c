"""Rows of accuracies on one line: hidden until revealed, the guess marked, a dash for the missing."""

import pytest

from app.data.method_accuracies import MethodAccuracy
from app.run.accuracy_rows import AccuracyRow, accuracy_rows, interval

KNOWN = MethodAccuracy("condensed", 71.5, 1.0, sets=3, networks=9, recorded=True)
ROWS = [
    AccuracyRow("condensed", "learned <b>", "<img>", KNOWN, "+17.3, holds", 'Holds: "a" is above b.'),
    AccuracyRow("herding", "herding", "", None),
]


def test_nothing_of_the_result_is_on_the_page_before_the_guess() -> None:
    markup = accuracy_rows(ROWS, revealed=False, remarks="Better by")
    for secret in ("71.5", "holds", "Holds", "left:71"):
        assert secret not in markup
    assert markup.count("?") == len(ROWS)


def test_a_row_has_mean_deviation_counts_verdict_and_its_place_on_the_line() -> None:
    markup = accuracy_rows(ROWS, revealed=True, remarks="Better by")
    assert "71.5\xa0±\xa01.0\xa0%" in markup
    assert "3 sets, 9 networks" in markup
    assert "left:71.50%" in markup
    assert "left:70.50%;width:2.00%" in markup
    assert "+17.3, holds" in markup
    assert 'title="Holds: &quot;a&quot; is above b."' in markup.replace("'", '"')
    assert "learned &lt;b&gt;" in markup
    assert "not recorded" in markup


def test_fewer_than_a_hundred_test_images_are_counted_as_they_are() -> None:
    assert "Percent right of 24 unseen" in accuracy_rows(ROWS, revealed=True, card=True, test_count=24)
    for many in (None, 100, 360):
        markup = accuracy_rows(ROWS, revealed=True, card=True, test_count=many)
        assert ">Right of 100 unseen<" in markup


def test_what_guessing_gets_right_is_marked_in_every_row_and_named_once() -> None:
    markup = accuracy_rows(ROWS, revealed=True, card=True, classes=3)
    assert markup.count("class='chance' style='left:33.33%'") == len(ROWS)
    assert markup.count("guessing 33") == 1
    assert "class='tick at-50'" not in markup, "its name needs the room"
    assert "class='tick at-100'" in markup
    assert "chance" not in accuracy_rows(ROWS, revealed=True, card=True).split("</style>")[-1]


def test_the_guess_is_marked_in_every_row_and_named_once() -> None:
    markup = accuracy_rows(ROWS, revealed=True, guess=40)
    assert markup.count("class='guess'") == len(ROWS)
    assert markup.count("your guess 40\xa0%") == 1
    assert "guess" not in accuracy_rows(ROWS, revealed=True).split("</style>")[-1]
    assert "guessed before" in accuracy_rows(ROWS, revealed=True, guess=95)


def test_on_a_card_what_was_recorded_is_thin_and_named_and_a_missing_row_says_why() -> None:
    draws = MethodAccuracy("random_real", 51.9, 5.6, sets=3, networks=9, recorded=True)
    own = MethodAccuracy("random_real", 47.0, 2.0, sets=1, networks=3, recorded=False, over_draws=draws)
    rows = [
        AccuracyRow("condensed", "Condensed", "", KNOWN),
        AccuracyRow("random_real", "Random", "", own),
        AccuracyRow("all_real", "All real", "", None, missing="measuring …"),
    ]
    markup = accuracy_rows(rows, revealed=True, card=True)
    assert "<tr class='condensed recorded'>" in markup
    assert "recorded, 3 sets, 9 networks" in markup
    assert "<tr class='random_real'>" in markup
    assert "<small>one draw, 3 networks</small>" in markup
    assert "recorded: 51.9\xa0±\xa05.6\xa0%, 3 draws, 9 networks" in markup
    assert "mark draws' style='left:51.90%'" in markup
    assert "measuring …" in markup
    assert "recorded," not in accuracy_rows(rows, revealed=True), "in a chapter all are recorded"


@pytest.mark.parametrize(
    ("test_count", "example"),
    [
        (1000, ", too: 70 % right of 1 000 is known to about ±1.4 points."),
        (360, ", too: 70 % right of 360 is known to about ±2.4 points."),
        (24, ", too: 70 % right of 24 is known to about ±9.4 points."),
        (None, "that the test images are a sample, too."),
    ],
)
def test_what_the_interval_leaves_out_is_told_for_the_test_images_of_the_result(
    test_count: int | None, example: str
) -> None:
    assert interval(test_count).replace("\u00a0", " ").replace("\u202f", " ").endswith(example)

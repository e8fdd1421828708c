"""What may be luck on few test images, and how many are enough."""

from dmcore.runs.results.few_tests import luck_sentences, lucky_percent, needed_tests, right_text


def test_luck_is_two_standard_errors_above_guessing() -> None:
    assert round(lucky_percent(2, 24), 1) == 70.4
    assert lucky_percent(2, 1) == 100
    assert needed_tests(2) == 100
    assert not luck_sentences(2, needed_tests(2))
    said = luck_sentences(2, 24)
    assert "Only 24 test images" in said
    assert "16 of 24 right by luck (50 % on average)" in said
    assert "about 100 test images, 500 photographs" in said


def test_few_test_images_are_counted() -> None:
    assert right_text(54.2, 54.2, 24) == "13 of 24 right"
    assert right_text(50.0, 54.2, 24) == "12 to 13 of 24 right"
    assert right_text(54.2, 54.2, 1000) == "54 % right"
    assert right_text(54.2, 54.2, None) == "54 % right"

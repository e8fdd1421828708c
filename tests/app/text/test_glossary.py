"""Glossary: a rare word is explained where it stands first, and as plain text."""

import html

import pytest

from app.text.glossary import GLOSSARY, definition, explained, term, with_terms, with_titles


def test_the_first_occurrence_is_marked_and_the_rest_of_the_text_is_escaped() -> None:
    marked = with_terms("Herding & <b>herding</b>, then an embedding network")
    assert marked.count('class="term"') == 2
    meaning = html.escape(GLOSSARY["herding"])
    assert marked.startswith(f'<span class="term" tabindex="0" data-definition="{meaning}">Herding<')
    assert "&amp; &lt;b&gt;herding&lt;/b&gt;" in marked
    assert ">embedding network<" in marked


def test_a_word_inside_another_is_left_alone() -> None:
    assert with_terms("epochsense, shepherding") == "epochsense, shepherding"


def test_a_plural_is_the_same_word_and_a_text_is_followed_by_its_words() -> None:
    meaning = html.escape(definition("seed"))
    assert f'definition="{meaning}">seeds<' in with_terms("Other seeds make other sets")
    words = explained("Epochs and seeds; more epochs")
    assert words.splitlines() == [
        f"**Epochs**: {definition('epochs')}  ",
        f"**Seed**: {definition('seed')}",
    ]
    assert explained("nothing rare") == ""


def test_an_apostrophe_does_not_hide_a_word() -> None:
    assert 'class="term"' in with_terms("by Welch's t-test at 5 %")


def test_a_line_that_is_cut_has_definitions_as_titles() -> None:
    line = with_titles("1 image per class & class, convnet of width 32")
    assert line.startswith("1 image per class &amp; class, <abbr title=")
    assert (
        f'<abbr title="{html.escape(definition("ConvNet"))}" tabindex="0">convnet</abbr> of width 32' in line
    )


def test_an_unknown_word_is_refused() -> None:
    with pytest.raises(KeyError):
        term("no such word")


@pytest.mark.parametrize("word", GLOSSARY)
def test_definitions_are_one_short_sentence(word: str) -> None:
    text = definition(word)
    assert text.endswith((".", ")."))
    assert len(text) <= 130
    assert text[0].isupper()


def test_a_path_in_a_text_has_no_words_of_the_glossary() -> None:
    text = with_terms("Everything in /data/dm/seed runs, by DM", "/data/dm/seed runs")
    assert text.startswith("Everything in /data/dm/seed runs, by <span")
    assert with_terms("In /a&b/DM", "/a&b/DM") == "In /a&amp;b/DM"

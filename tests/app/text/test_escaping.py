"""Messages on pages: shown as written, with the commands in them as code."""

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import run_page

from app.text.escaping import message_text, plain_text


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("no run 'x': `dmcore runs` lists the runs", r"no run 'x'\: `dmcore runs` lists the runs"),
        ("[click](http://evil.example)", r"\[click\]\(http\:\/\/evil\.example\)".replace(r"\/", "/")),
        ("`dmcore\ndoctor  x` helps", "`dmcore doctor x` helps"),
        ("a lone ` stays", r"a lone \` stays"),
        ("nothing in `` it", "nothing in  it"),
        ("a name that is no text \udcff: `x\udcff`", r"a name that is no text ?\: `x?`"),
    ],
)
def test_a_message_is_shown_as_written_with_its_commands_as_code(message: str, shown: str) -> None:
    assert message_text(message) == shown


def test_a_link_in_the_name_of_a_run_is_no_link_on_the_page(visit: AppTest) -> None:
    visit.query_params["run"] = "[click](http://evil.example)"
    (warning,) = run_page(visit).warning
    assert plain_text("[click](http://evil.example)") in warning.value
    assert "](" not in warning.value

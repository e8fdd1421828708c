"""Head of a page: its title and sentence are plain text, its buttons stand right of them."""

from support.pages import html_of, open_script


def test_title_and_sentence_are_escaped_and_buttons_stand_beside_them() -> None:
    page = open_script(
        "import streamlit as st\n"
        "from app.components.page_head import page_head\n"
        "with page_head('A <b>title</b>', 'A coreset & more.'):\n"
        "    st.button('Do it', key='do')\n"
    )
    (head,) = html_of(page)
    assert "A &lt;b&gt;title&lt;/b&gt;</h1>" in head
    assert ">coreset</span> &amp; more." in head
    assert page.button(key="do").label == "Do it"

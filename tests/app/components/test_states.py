"""Empty, loading and failed: each says in words what is missing, awaited or broken, and what helps."""

from streamlit.testing.v1 import AppTest


def test_an_empty_part_says_what_is_missing_and_its_button_acts() -> None:
    def script() -> None:
        import streamlit as st

        from app.components.states import show_empty

        if show_empty("runs", "There is **no run** yet.", "Go to Watch"):
            st.session_state["went"] = True

    page = AppTest.from_function(script).run()
    assert page.markdown[0].value == "There is **no run** yet."
    page.button(key="runs_action").click().run()
    assert page.session_state["went"]


def test_an_empty_part_without_an_action_has_no_button() -> None:
    def script() -> None:
        from app.components.states import show_empty

        show_empty("image", "Click an image.", height=200)

    page = AppTest.from_function(script).run()
    assert page.markdown[0].value == "Click an image."
    assert not page.button


def test_a_loading_part_is_as_high_as_what_comes_and_says_what_is_awaited() -> None:
    def script() -> None:
        from app.components.states import show_loading

        show_loading("map", "The map: projecting, 40 % …", 330, 0.4)

    page = AppTest.from_function(script).run()
    assert "projecting" in page.markdown[0].value
    frame = page.main.children[0].proto
    assert frame.height_config.pixel_height == 330
    assert frame.id.endswith("map_loading")


def test_the_frame_goes_when_the_waiting_ends_also_by_an_error() -> None:
    def script() -> None:
        import streamlit as st

        from app.components.states import loading

        try:
            with loading("step", "Recomputing …", 300):
                raise ValueError("broken")
        except ValueError as error:
            st.caption(str(error))

    page = AppTest.from_function(script).run()
    assert page.caption[0].value == "broken"
    assert not page.markdown

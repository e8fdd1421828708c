"""Whether a run that is started is tested at its end, on a page with the switch and on one without it."""

import pytest
from streamlit.testing.v1 import AppTest

from app.setup.testing import protocols_of_test
from dmcore.config.protocols import is_quick


def page_without_switch() -> None:
    import streamlit as st

    from app.setup.testing import requested_test

    st.text("tested" if requested_test() else "not tested")


@pytest.mark.parametrize(
    ("linked", "text"),
    [({}, "tested"), ({"test_at_end": "false"}, "not tested"), ({"test_at_end": "true"}, "tested")],
)
def test_a_page_without_the_switch_is_told_by_its_address(linked: dict[str, str], text: str) -> None:
    page = AppTest.from_function(page_without_switch)
    for name, value in linked.items():
        page.query_params[name] = value
    assert page.run().text[0].value == text


@pytest.mark.parametrize(("linked", "networks"), [("3", 3), ("1", 1), ("2", 5), ("7", 5), ("many", 5)])
def test_number_of_test_networks_is_told_by_the_address(linked: str, networks: int) -> None:
    page = AppTest.from_function(page_with_networks)
    page.query_params["test_networks"] = linked
    assert page.run().text[0].value == f"{networks} networks"


def page_with_networks() -> None:
    import streamlit as st

    from app.setup.testing import requested_test

    test = requested_test()
    assert test is not None
    st.text(f"{test.repeats} networks")


def test_no_test_is_the_quick_protocol_whose_results_are_points_of_a_curve() -> None:
    assert [protocol.repeats for protocol in protocols_of_test()] == [5, 4, 3, 1]
    assert not any(is_quick(protocol) for protocol in protocols_of_test())

"""HTML tables: everything is escaped, cells know their headings, a message stands across the others."""

from app.components.html_table import html_table


def test_cells_are_escaped_and_carry_their_headings() -> None:
    head, body = html_table(["Set", "<b>"], [["one & two", "5 %"]]).split("<tbody>")
    assert "<tr><th scope='col'>Set</th><th scope='col'>&lt;b&gt;</th></tr>" in head
    assert "<tr><td data-heading='Set'>one &amp; two</td><td data-heading='&lt;b&gt;'>5 %</td></tr>" in body


def test_a_message_stands_across_the_other_columns() -> None:
    table = html_table(["Set", "Mean", "n"], [["one", "<not> evaluated"], ["two", "5", "3"]])
    assert "<tr><td data-heading='Set'>one</td><td colspan='2'>&lt;not&gt; evaluated</td></tr>" in table
    assert "<td data-heading='n'>3</td>" in table


def test_a_text_may_have_a_smaller_one_below_it() -> None:
    table = html_table(["Metric", "A", "B"], [["coverage", ("41 %", "38 to <44>"), ("–", "")]])
    assert "<td data-heading='A'>41 %<br><span class='interval'>38 to &lt;44&gt;</span></td>" in table
    assert "<td data-heading='B'>–</td>" in table

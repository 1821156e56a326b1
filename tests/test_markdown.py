"""The one writer of Markdown tables."""

from cer.base.markdown import table


def test_the_first_row_is_the_head_and_no_cell_ends_early():
    rows = [["system", "runs"], ["a|b\nc", 5]]
    assert table(rows) == "| system | runs |\n| --- | --- |\n| a/b/c | 5 |"
    assert table(rows[:1]) == "| system | runs |\n| --- | --- |"

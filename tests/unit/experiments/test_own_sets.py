"""Sets on disk for one's own comparison: their text in an address, and which are sets of one row."""

from pathlib import Path

from support.small_runs import made

from dmcore.experiments.own_sets import compared_sets, offered_sets, parse_sets, sets_query


def test_sets_stand_in_the_address_with_their_iteration_and_nonsense_is_left_out() -> None:
    sets = {"a-run:real-2": 4, "b-run:noise-1": None}
    assert parse_sets(sets_query(sets)) == sets
    assert parse_sets("x,,a:b@-1,a:b@y") == {"a:b": None}


def test_runs_that_differ_in_the_seed_alone_are_independent_sets_of_one_row(tmp_path: Path) -> None:
    runs = [made(tmp_path, seed=0), made(tmp_path, seed=1)]
    offered = offered_sets(runs, "digits")
    names = list(offered)
    assert offered[names[0]].iterations == (0, 1, 2, 3, 4)
    compared = compared_sets(dict.fromkeys(names), offered)
    assert [compared.iteration for compared in compared] == [4, 4]  # always pinned
    assert {compared.row for compared in compared} == {compared[0].row}
    earlier = compared_sets({names[0]: 2, names[1]: None}, offered)
    assert len({compared.row for compared in earlier}) == 2

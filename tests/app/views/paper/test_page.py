"""The paper's page: fresh, with recorded results, with one's own, and its addresses."""

import re
from collections.abc import Mapping
from html import unescape
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import (
    components_of,
    html_of,
    lines_of,
    open_page,
    run_page,
    switch_page,
    tables_of,
    text_of,
)

from app.run.provenance import HIDDEN
from app.views.paper.anatomy import deviations_of
from app.views.paper.cards import Card, address_of, foot_markup, read_cards, settings_text
from app.views.paper.evidence import recorded_evidence
from app.views.paper.items import ITEMS
from app.views.paper.strip import points_of, strip_title
from app.views.paper.table_address import config_of, table_address
from dmcore import __version__
from dmcore.experiments.figure4.config import Figure4Config
from dmcore.experiments.figure4.results import RacePoint, RaceResults, race_folder, write_race
from dmcore.experiments.figure5 import Figure5Config
from dmcore.experiments.gallery.provenance import Provenance
from dmcore.experiments.gallery.recorded import PROVENANCE, RUNS
from dmcore.experiments.presets import catalogue_facts
from dmcore.experiments.published.fidelity import ACCURACIES, BIBTEX, CHECKS, COMMAND
from dmcore.experiments.results import CellResult, NetworkResult, Results, results_file, write_results
from dmcore.experiments.setting_effects import settings_of
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table2 import Table2Config
from dmcore.experiments.table3 import Table3Config
from dmcore.experiments.table4 import Table4Config
from dmcore.experiments.table_config import TableConfig
from dmcore.files.checked_json import write_record

FRESH = ["published only", "not built yet"]


def table_of(config: TableConfig) -> Table:
    facts = catalogue_facts(config.dataset_name)
    assert facts is not None
    return config.table(facts)


def filled(table: Table, by_row: Mapping[str, float], cells: int | None = None) -> Results:
    """Results of the first cells of a table, two networks each; the sets of a row are 0.2 apart."""
    return Results(
        table=table,
        cell_results={
            index: CellResult(
                digest=f"{index}",
                network_results=tuple(
                    NetworkResult(repeat=repeat, accuracy=by_row.get(cell.row, 50.0) + 0.2 * cell.recipe.seed)
                    for repeat in range(cell.repeats)
                ),
            )
            for index, cell in list(enumerate(table.cells))[:cells]
        },
    )


def record(folder: Path, name: str, results: Results) -> None:
    """Put results into a gallery."""
    write_results(folder / RUNS, results)
    (folder / PROVENANCE).mkdir(parents=True, exist_ok=True)
    provenance = Provenance(
        name=name,
        kind="table",
        title=results.table.title,
        commit="0123456789abcdef",
        date="2026-11-29",
        machine="two cores",
        command="dmcore experiment",
        sets=3,
        networks=2,
        seconds=240.0,
        dataset=results.table.dataset,
        source=results_file(folder / RUNS, results.table).name,
    )
    write_record(folder / PROVENANCE / f"{name}.json", provenance)


@pytest.fixture
def gallery(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gallery with table 1 on a part of Fashion-MNIST."""
    folder = tmp_path / "gallery"
    monkeypatch.setenv("DM_GALLERY", str(folder))
    table = table_of(Table1Config(dataset="fashion", repeats=3))
    record(folder, "table1-fashion", filled(table, {"Random": 74, "DM": 80, "Whole set": 90}))
    return folder


@pytest.fixture
def shipped(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The results that come with the program."""
    monkeypatch.delenv("DM_GALLERY")


def card(name: str) -> Card:
    return next(card for card in read_cards() if card.item.name == name)


def states_of(page: AppTest) -> list[str]:
    """State of each card that is shown, in order."""
    return re.findall(r'class="state \w+"><i></i>([^<]+)', " ".join(html_of(page)))


def names_of(page: AppTest) -> str:
    """Accessible names of the figures."""
    return " | ".join(proto.json for proto in components_of(page, "dm_small_figure"))


def test_a_fresh_installation_shows_every_published_number_at_once(visit: AppTest) -> None:
    page = switch_page(visit, "paper.py")
    assert states_of(page) == [FRESH[item.page is None] for item in ITEMS]
    names = names_of(page)
    for number in ("84.8", "65.2", "61.3", "15 h", "80.8", "34.6", "0.76", "\\u22120.04"):
        assert number in names
    assert "Run on the Race page, with DM, DC and DSA." in " ".join(html_of(page))
    assert [button.label for button in page.button if button.label.startswith("Open")] == [
        f"Open {title}" for title in ("table 1", "table 2", "table 3", "table 4", "figure 4", "figure 5")
    ]
    assert address_of(card("figure5")).params["compare"] == "Figure 5"


def test_recorded_results_of_other_data_have_an_axis_of_their_own(gallery: Path, visit: AppTest) -> None:
    page = switch_page(visit, "paper.py")
    assert states_of(page)[:2] == ["recorded here", "published only"]
    names = names_of(page)
    assert "recorded: Fashion-MNIST subset, 10 per class. recorded: Random, 10 per class: 74.2" in names
    assert "yours" not in names
    assert card("table1").own_curve == {}
    assert "1 and 10 per class, 500 iterations, width 32; took 4 min" in " ".join(html_of(page))
    assert address_of(card("table1")).params == {
        "compare": "Table 1",
        "preset": "laptop",
        "data": "Fashion-MNIST subset",
        "repeats": "3",
        "methods": ["Random", "Mean image", "Herding", "k-center", "Forgetting", "DM", "Whole set"],
    }


def test_hidden_recorded_results_leave_the_published_ones(gallery: Path, root: Path, visit: AppTest) -> None:
    from app.data.recorded import set_recorded_hidden

    set_recorded_hidden(True)
    page = switch_page(visit, "paper.py")
    assert states_of(page) == [FRESH[item.page is None] for item in ITEMS]
    assert "84.8" in names_of(page)
    feet = re.findall(r"([^<>]+), and nothing run here yet.", " ".join(html_of(page)))
    assert feet == ["Recorded results are hidden", *["Nothing recorded"] * 4]
    assert HIDDEN in text_of(page)
    assert HIDDEN in text_of(switch_page(visit, "paper.py", item="table1"))
    assert HIDDEN not in text_of(switch_page(visit, "paper.py", item="table2")), "none was recorded"
    assert HIDDEN not in text_of(switch_page(visit, "paper.py", item="fidelity"))
    page = switch_page(visit, "paper.py", item="")
    page.button(key="paper_recorded_show").click()
    assert states_of(run_page(page))[0] == "recorded here"
    assert HIDDEN not in text_of(page)


def test_your_own_table_is_drawn_over_the_published_one_where_the_data_are_the_same(
    gallery: Path, root: Path, visit: AppTest
) -> None:
    write_results(root, filled(table_of(Table1Config(dataset="cifar10")), {"DM": 39.4}))
    page = switch_page(visit, "paper.py")
    assert states_of(page)[0] == "run by you"
    assert card("table1").own_curve == {1.0: pytest.approx(39.6), 10.0: pytest.approx(39.6)}
    assert "yours 39.6 at 10 per class" in names_of(page)
    assert not card("table1").beside
    page.query_params["item"] = "table1"
    run_page(page)
    text = " ".join(html_of(page))
    assert (
        "DM, 10 per class, CIFAR-10: yours 39.6 ± 0.2 % (3 sets × 2 networks), against 48.9 ± 0.6 %" in text
    )
    assert "the paper, table 1" in text
    assert "−9.3 points" in text
    assert "20 000" in text


def test_your_own_numbers_without_a_place_in_the_figure_have_an_axis_of_their_own(root: Path) -> None:
    """Embedding networks are no images per class; values beyond the axis would stand at a wrong place."""
    write_results(root, filled(table_of(Table4Config(dataset="cifar10")), {"DM": 60}))
    assert card("table4").own_curve == {}
    assert [each.name for each in card("table4").beside] == ["yours"]
    low = {"DM": 30.0, "DM, batch norm": 10.0}
    for config in (Figure5Config(dataset="cifar10"), Table2Config(dataset="cifar10", images_per_class=(50,))):
        write_results(root, filled(table_of(config), low))
        assert card(config.name).own_curve == {}
        assert [each.name for each in card(config.name).beside] == ["yours"]


def test_only_your_own_table_2_of_50_per_class_is_drawn_over_the_published_one(root: Path) -> None:
    for size, drawn in ((10, False), (50, True)):
        config = Table2Config(dataset="cifar10", images_per_class=(size,))
        write_results(root, filled(table_of(config), {"DM, batch norm": 60.0}))
        own = card("table2")
        assert own.own_curve == ({50.0: pytest.approx(60.2)} if drawn else {})
        assert ("yours" in str(own.item.draw(own.own_curve))) == drawn
        assert bool(own.beside) == (not drawn)


def test_rows_of_dsa_have_the_mark_of_their_method(root: Path) -> None:
    config = Table2Config(dataset="digits", methods=("dm", "dsa"))
    write_results(root, filled(table_of(config), {"DM, batch norm": 60.0}))
    own = card("table2").main
    assert own is not None
    points = points_of(own)
    assert [point.method for point in points] == ["DM", "DM", "DSA", "DSA"]
    assert points[3].label.startswith("DSA, batch")
    assert own.learned is not None
    assert own.learned.row == "DM, batch norm"


def test_your_own_table_of_other_data_stands_over_the_recorded_one(gallery: Path, root: Path) -> None:
    write_results(root, filled(table_of(Table1Config(dataset="fashion", width=16)), {"DM": 70}))
    assert [each.name for each in card("table1").beside] == ["yours", "recorded"]
    write_results(root, filled(table_of(Table1Config(dataset="digits")), {"DM": 70}))
    assert [each.name for each in card("table1").beside] == ["yours"]


def test_a_table_without_a_number_or_a_damaged_one_is_passed_over(root: Path, visit: AppTest) -> None:
    write_results(root, filled(table_of(Table1Config(dataset="fashion")), {}, cells=0))
    assert card("table1").state == "published"
    write_results(root, filled(table_of(Table1Config(dataset="digits")), {"DM": 70}))
    damaged = root / "tables" / "table1-0123456789ab.json"
    damaged.write_text("{")
    page = switch_page(visit, "paper.py")
    assert states_of(page)[0] == "run by you"
    assert "table1" in page.warning[0].value
    assert "run the table again" in page.warning[0].value


def test_the_filter_leaves_cards_of_one_state(gallery: Path, visit: AppTest) -> None:
    page = switch_page(visit, "paper.py", shown="recorded")
    assert states_of(page) == ["recorded here"]
    page.segmented_control(key="shown").set_value("not built")
    assert set(states_of(run_page(page))) == {"not built yet"}
    page.segmented_control(key="shown").set_value("yours")
    assert states_of(run_page(page)) == []
    assert "None yet" in text_of(page)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name)
def test_every_item_has_a_page_of_its_own(gallery: Path, visit: AppTest, item) -> None:
    page = switch_page(visit, "paper.py", item=item.name)
    tables = " ".join(html_of(page))
    assert f'<h1 class="page-title">{item.title}: ' in tables
    assert tables.count('<table class="paper-numbers published">') == (7 if item.name == "table1" else 1)
    assert ("Not built yet" in tables) == (item.page is None)
    assert item.coverage in text_of(page).replace("\\", "")
    page.button(key="paper_back").click()
    assert len(states_of(run_page(page))) == len(ITEMS)
    assert "item" not in page.query_params


def test_the_anatomy_names_each_setting_and_what_was_measured_of_it(
    gallery: Path, root: Path, visit: AppTest
) -> None:
    wide = table_of(Table1Config(dataset="fashion", width=64))
    record(gallery, "setting-width", filled(wide, {"DM": 82}))
    page = switch_page(visit, "paper.py", item="table1")
    text = " ".join(html_of(page))
    assert "recorded 80.2 ± 0.2 % (3 sets × 3 networks), against 83.5 %" in text
    assert "All real images: 90.2" in text
    assert "against 93.5 %" in text
    assert "<b>5 000 training images, not 60 000, and tested on 1 000, not 10 000.</b>" in text
    assert "<b>64 real images per class and iteration, not 256.</b>" in text
    assert "64 instead of 32: 82.2 ± 0.2 % (3 sets, 6 networks) against 80.2 ± 0.2 %" in text
    assert text.count("What the others do alone was not measured here.") == 2  # once for each of both tables
    assert "<span></span>" not in text
    assert (
        "Fashion-MNIST subset: recorded 29 Nov 2026 on two cores, 3 sets × 2 networks, 4 min, commit 0123456."
        in text
    )


@pytest.mark.parametrize("item", [item for item in ITEMS if item.experiment], ids=lambda item: item.name)
def test_every_setting_that_differs_from_the_papers_preset_is_named(shipped: None, item) -> None:
    assert item.experiment is not None
    theirs = table_of(item.experiment(preset="paper", dataset="cifar10"))
    evidence = recorded_evidence(item.experiment.name)
    assert evidence
    for each in evidence:
        entry = each.learned
        assert entry is not None
        ours = settings_of(each.table, entry.row, entry.column)
        column = entry.column if entry.column in theirs.columns else theirs.columns[-1]
        paper = settings_of(theirs, entry.row, column)
        assert ours is not None
        assert paper is not None
        differing = {name for name, value in ours.items() if paper.get(name) != value}
        assert differing <= {deviation.setting for deviation in deviations_of(each, entry)}
        assert len(differing) > 3


@pytest.mark.parametrize("name", ["table2", "table3"])
def test_images_per_class_are_a_difference_and_stand_on_the_card(
    shipped: None, visit: AppTest, name: str
) -> None:
    page = switch_page(visit, "paper.py", item=name)
    text = " ".join(html_of(page))
    assert "<b>10 images per class, not 50.</b>" in text
    assert text.count("What each of them does alone was not measured here.") <= 1
    assert "means only, their ± is not kept here" in text
    page.button(key="paper_back").click()
    assert "10 per class, " in " ".join(html_of(run_page(page)))
    own = card(name)
    assert own.main is not None
    assert settings_text(own.main).startswith("10 per class, ")
    assert "10 per class" in strip_title(own.main)


def test_herding_beside_its_published_number_says_that_it_is_not_explained(
    gallery: Path, visit: AppTest
) -> None:
    table = table_of(Table1Config(dataset="fashion", methods=("herding", "dm"), repeats=3))
    record(gallery, "table1-fashion", filled(table, {"Herding": 77, "DM": 80}))
    text = " ".join(html_of(switch_page(visit, "paper.py", item="table1")))
    assert "+6.1 points. From it to DM it is +3.0 points here and +12.4 there. This is not explained" in text


def test_how_faithful_it_is_has_an_address_with_what_was_checked_and_what_was_not(visit: AppTest) -> None:
    page = switch_page(visit, "paper.py")
    page.button(key="paper_fidelity").click()
    text = " ".join(html_of(run_page(page)))
    assert page.query_params["item"] in ("fidelity", ["fidelity"])
    assert "How faithful is it?" in text
    assert all(check.file in text and check.subject in text for check in CHECKS)
    assert all(each.theirs in text and each.ours in text for each in ACCURACIES)
    assert f"dm-explorer {__version__}" in text
    assert "Not checked:" in text_of(page)
    assert [block.value for block in page.code] == [COMMAND, BIBTEX]


def test_an_unknown_item_is_named_and_all_are_shown(visit: AppTest) -> None:
    page = switch_page(visit, "paper.py", item="table9<b>")
    assert "There is no table or figure “table9\\<b\\>”" in text_of(page)
    assert len(states_of(page)) == len(ITEMS)
    assert not tables_of(page)


@pytest.mark.parametrize(
    "config",
    [
        Table1Config(dataset="fashion"),
        Table1Config(dataset="digits", methods=("dm", "whole"), repeats=3, images_per_class=(10,)),
        Table1Config(dataset="cifar10", preset="paper"),
        Table1Config(dataset="digits", protocol="dc"),
        Table2Config(dataset="digits", seeds=2),
        Table2Config(dataset="digits", methods=("dm", "dsa"), protocol="dm"),
        Table3Config(dataset="digits", learners=("convnet", "dsa"), protocol="dc", epochs=50),
        Table3Config(dataset="digits"),
        Table3Config(dataset="digits", iterations=50, norm="batch", testers=("convnet", "mlp")),
        Table4Config(dataset="digits", sources=("random", "fixed:8"), epochs=50),
        Table4Config(dataset="digits", sources=("random", "all"), pool_networks=4),
    ],
    ids=lambda config: config.command_line,
)
def test_a_stored_table_is_found_again_in_the_form_of_its_page(config: TableConfig) -> None:
    table = table_of(config)
    found = config_of(table)
    assert found is not None
    assert table_of(found).key == table.key
    assert not table_address(found).missing


def test_the_address_names_choices_as_the_forms_do() -> None:
    table2 = table_address(Table2Config(dataset="digits", methods=("dm", "dsa"), protocol="dc"))
    assert table2.params["table2_methods"] == ["DM", "DSA"]
    assert table2.params["protocol"] == "as DC"
    assert table_address(Table1Config(dataset="digits", protocol="dsa")).params["protocol"] == "as DM and DSA"
    assert "methods" not in table2.params
    table3 = table_address(Table3Config(dataset="digits", learners=("convnet", "dsa"), norm="batch"))
    assert table3.params["laptop_rows"] == ["ConvNet", "ConvNet by DSA"]
    assert table3.params["laptop_norm"] == "batch norm"


def test_iterations_of_gradient_matching_that_are_not_the_presets_are_named() -> None:
    config = Table1Config(dataset="digits", methods=("dsa", "dm"), images_per_class=(1,))
    for iterations, missing in ((7, ("gradient iterations",)), (300, ())):
        table = table_of(config.model_copy(update={"gradient_iterations": iterations}))
        found = config_of(table)
        assert found is not None
        assert table_of(found).key == table.key
        assert table_address(found).missing == missing


def test_settings_that_no_form_has_are_named(gallery: Path, root: Path, visit: AppTest) -> None:
    write_results(root, filled(table_of(Table1Config(dataset="digits", iterations=77)), {"DM": 70}))
    page = switch_page(visit, "paper.py", item="table1")
    text = unescape(" ".join(html_of(page)))
    assert "The page has no field for iterations, and takes the usual value. " in text
    assert "settings, in a terminal: dmcore experiment table1" in text
    assert "--iterations 77" in text


def test_figure_4_is_built_and_opens_the_race(root: Path, visit: AppTest) -> None:
    page = switch_page(visit, "paper.py", item="figure4")
    assert card("figure4").state == "published"
    assert page.button(key="paper_open_figure4").label == "Open figure 4"
    assert "not with a published time" in " ".join(html_of(page))


def test_figure_4_is_marked_by_the_recorded_race_and_then_by_ones_own(shipped: None, root: Path) -> None:
    recorded = card("figure4")
    assert recorded.state == "recorded"
    (race,) = recorded.races
    assert "DM" in race.sentence
    assert race.sentence in unescape(foot_markup(recorded))
    write_race(race_folder(root, race.results.config), race.results)
    own = card("figure4")
    assert own.state == "yours"
    assert own.is_shown("recorded"), "it was recorded, too"


def test_figure_4_opens_the_race_that_the_card_shows(root: Path) -> None:
    assert address_of(card("figure4")).params == {"race_data": "Fashion-MNIST subset"}
    config = Figure4Config(
        dataset="digits",
        methods=("dm", "dsa"),
        images_per_class=1,
        seconds=7,
        seeds=1,
        repeats=1,
        epochs=9,
        width=4,
        real_batch=5,
    )
    points = tuple(
        RacePoint(
            seed=0, method=method, moment=moment, seconds=moment, iterations=moment, accuracies=(moment,)
        )
        for method in config.lanes
        for moment in range(9)
    )
    write_race(race_folder(root, config), RaceResults(config=config, points=points))
    address = address_of(card("figure4"))
    page = open_page("race.py", **address.params)
    assert set(address.params) == set(address.keys), "all of these settings are unusual"
    assert any("18 of 18 tests" in line for line in lines_of(page)), "it is that race, with its results"

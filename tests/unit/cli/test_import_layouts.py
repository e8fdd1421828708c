"""`dmcore import` of published layouts: what it asks, what it says, and options that are not allowed."""

import json
from pathlib import Path
from typing import get_args

import torch
from support.command_line import Command
from support.published_files import LOGITS, NORMALISED, RAW, SHUFFLED, WHITENED, saved, several

from dmcore.cli import exchange
from dmcore.runs.formats.published.multi_formation import LARGEST_FACTOR
from dmcore.runs.formats.tensor_checks import LabelChoice
from dmcore.runs.imports import load_condensed
from dmcore.runs.runs_root import open_run


def test_the_command_line_asks_and_imports(dmcore: Command, tmp_path: Path) -> None:
    path = several(saved(NORMALISED, "images_best.pt"), saved(LOGITS, "labels_best.pt"))(tmp_path)
    code, _, err = dmcore("import", str(path), "--dataset", "svhn")
    assert code == 1
    assert "--labels hardest" in err
    code, out, err = dmcore("import", str(path), "--dataset", "svhn", "--labels", "hardest")
    assert code == 0, err
    assert "note: Recognised as the layout of MTT and DATM: images in images_best.pt" in out
    formed = saved([RAW, SHUFFLED])(tmp_path)
    code, out, err = dmcore("import", str(formed), "--dataset", "svhn", "--decode", "2", "--json")
    assert code == 0, err
    run = json.loads(out)["run"]
    assert json.loads(dmcore("runs", "--json")[1])["runs"][0]["run"] == run
    for options in (["--decode", "9"], ["--labels", "soft"], ["--decode", "0"]):
        assert dmcore("import", str(formed), "--dataset", "svhn", *options)[0] == 2


def test_pixels_that_may_be_whitened_are_asked_with_what_was_measured(
    dmcore: Command, tmp_path: Path
) -> None:
    path = several(saved(WHITENED, "images_best.pt"), saved(SHUFFLED, "labels_best.pt"))(tmp_path)
    code, out, err = dmcore("import", str(path), "--dataset", "svhn")
    (sentence,) = err.splitlines()
    assert (code, out) == (1, "")
    assert f"from {WHITENED.min():.4g} to {WHITENED.max():.4g} (mean " in sentence
    assert "--pixels zca, or --pixels normalised" in sentence
    code, out, err = dmcore("import", str(path), "--dataset", "svhn", "--pixels", "normalised", "--json")
    assert code == 0, err
    run = open_run(json.loads(out)["run"], Path(json.loads(dmcore("runs", "--json")[1])["runs_root"]))
    assert torch.equal(load_condensed(run).images, WHITENED[torch.argsort(SHUFFLED, stable=True)])


def test_the_command_line_repeats_the_library() -> None:
    assert get_args(LabelChoice) == exchange.LABELS
    assert exchange.MOST_DECODED == LARGEST_FACTOR

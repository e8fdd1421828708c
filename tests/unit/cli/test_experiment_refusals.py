"""`dmcore experiment`: errors are one sentence with a remedy, before anything is written."""

from pathlib import Path

import pytest

from dmcore.cli import main


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["table9"], 2, "did you mean table4? Choose from table1, table2, table3, table4, figure5, figure3"),
        (["table1", "--preset", "papre"], 2, "did you mean paper?"),
        (["table1", "--methods", "random,hearding"], 2, "--methods hearding: did you mean herding?"),
        (["table1", "--images-per-class", "1,0"], 2, "--images-per-class 0: must be at least 1"),
        (["table1", "--images-per-class", "ten"], 2, "--images-per-class ten: must be a whole number"),
        (["table1", "--seeds", "0"], 2, "--seeds 0: must be at least 1"),
        (["table1", "--seeds", "-2"], 2, "--seeds -2: must be at least 1"),
        (["table1", "--seeds", "1.5"], 2, "--seeds 1.5: must be a whole number"),
        (["table1", "--repeats", "0"], 2, "--repeats 0: must be greater than or equal to 1"),
        (["table1", "--epochs", "-1"], 2, "--epochs -1: must be greater than or equal to 1"),
        (["table1", "--width", "0"], 2, "--width 0: must be greater than or equal to 1"),
        (["table1", "--learners", "convnet"], 2, "--learners: table1 has no such option, table3 has"),
        (
            ["table3", "--methods", "dm"],
            2,
            "--methods: table3 has no such option, table1, table2, figure5 and figure4 have",
        ),
        (["table2", "--runs", "x"], 2, "--runs: table2 has no such option, figure3 has"),
        (["figure3", "--seeds", "2"], 2, "--seeds: figure3 has no such option"),
        (["figure3", "--device", "cuda"], 2, "--device: figure3 has no such option"),
        (["table3", "--images-per-class", "1,2"], 2, "--images-per-class: table3 takes one number"),
        (["table3", "--learners", "mlp"], 2, "--learners mlp: choose from convnet"),
        (["table3", "--norm", "bach"], 2, "--norm bach: did you mean batch?"),
        (["table1", "--threads", "0"], 2, "--threads 0: must be at least 1"),
        (["table1", "--dataset", "there.zip", "--width", "0"], 2, "--width 0"),
        (["table1", "--dataset", "there.zip"], 1, "there is nothing at there.zip"),
        (["table1", "--dataset", "digit"], 1, "did you mean digits?"),
        (["table1", "--dataset", "digits", "--device", "abacus"], 1, "no device torch knows"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_leaves_no_run(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    monkeypatch.setenv("DM_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DM_CACHE", str(tmp_path / "cache"))
    left = main(["experiment", *arguments, "--data-root", str(tmp_path)])
    out, err = capsys.readouterr()
    assert (left, message in err) == (code, True), err
    assert "Traceback" not in out + err
    assert not list(tmp_path.glob("runs/*/run.json"))

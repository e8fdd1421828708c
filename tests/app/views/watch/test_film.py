"""Film download: what can be chosen, what the buttons give, the message where there is no film."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from support.recorded_runs import described_data

from app.views.watch.film import film_packer
from dmcore.config import CondenseConfig
from dmcore.runs.description import SetDescription
from dmcore.runs.film.film import open_film
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import create_run_folder
from dmcore.runs.snapshots import Snapshot, write_snapshot


def a_run(root: Path, iterations: tuple[int, ...]) -> RunFolder:
    run = create_run_folder(
        root,
        title="x",
        origin="condense",
        config=CondenseConfig(dataset="x"),
        plan=None,
        data=described_data(title="<b>*X*</b>"),
        sets=[SetDescription(name="one", images_per_class=1)],
        notes=[],
    )
    for iteration in iterations:
        pixels = np.full((2, 1, 1, 8, 8), iteration / 10, np.float16)
        write_snapshot(run.snapshot_folder("one"), Snapshot(iteration, pixels, pixels), run.id)
    return run


def page_of(run: RunFolder) -> AppTest:
    def page(path: str) -> None:
        from pathlib import Path

        from app.views.watch.film import show_film_offer
        from dmcore.runs.folder import RunFolder

        show_film_offer(RunFolder(Path(path)))

    opened = AppTest.from_function(page, kwargs={"path": str(run.path)}, default_timeout=30).run()
    assert not opened.exception, opened.exception
    return opened


def buttons(page: AppTest) -> list[str]:
    return [button.label for button in page.get("download_button")]


def test_the_film_and_before_and_after_can_be_saved(tmp_path: Path) -> None:
    page = page_of(a_run(tmp_path, (0, 1, 9)))
    assert buttons(page) == ["Save the GIF", "Save before and after"]
    page.segmented_control(key="watch_film_format").set_value("webp").run()
    page.segmented_control(key="watch_film_seconds").set_value(5).run()
    page.checkbox(key="watch_film_burn_in").uncheck().run()
    assert not page.exception
    assert buttons(page)[0] == "Save the WebP"
    assert "3 iterations are stored, from 0 to 9" in page.caption[0].value.replace("\\", "")


def test_every_control_has_a_sentence_of_help(tmp_path: Path) -> None:
    page = page_of(a_run(tmp_path, (0, 9)))
    controls = [*page.segmented_control, *page.checkbox]
    assert len(controls) == 3
    assert all(control.proto.help.endswith(".") for control in controls)


@pytest.mark.parametrize(("iterations", "text"), [((), "Let it run first"), ((4,), "let it run on")])
def test_where_there_is_no_film_a_sentence_stands_instead(
    tmp_path: Path, iterations: tuple[int, ...], text: str
) -> None:
    page = page_of(a_run(tmp_path, iterations))
    assert not buttons(page)
    assert text.lower() in page.markdown[0].value.lower()


def test_what_goes_wrong_while_a_film_is_made_is_left_for_the_page(tmp_path: Path) -> None:
    run = a_run(tmp_path, (0, 9))
    troubles: dict[str, str] = {}
    pack = film_packer(open_film(run), "gif", 5.0, troubles)
    with Image.open(io.BytesIO(pack())) as opened:
        assert opened.n_frames == 2
    (run.snapshot_folder("one") / "0000009.safetensors").write_bytes(b"half")
    with pytest.raises(ValueError, match="damaged"):
        pack()
    assert "is damaged" in troubles[run.id]

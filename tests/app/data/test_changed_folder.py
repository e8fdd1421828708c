"""A folder of images that changed: what was read and computed of the images before is not shown for it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.small_runs import TINY, record_run
from support.waiting import until

from app.answers.question import Answer, Question
from app.data.dataset_cache import DATASETS, open_dataset
from app.data.folders import data_root
from app.run.images.nearest_real import nearest_question
from app.run.run_view import view_of_folder
from app.views.network_distribution.embedding_queries import DistancesQuery, ImageCountsQuery
from dmcore.config import PoolConfig
from dmcore.config.network_source import RANDOM


def write_images(folder: Path, numbers: range) -> None:
    """Images of two classes, the same for the same numbers."""
    for level, name in enumerate(("dark", "light")):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in numbers:
            random = np.random.default_rng(number)
            pixels = (60 + 100 * level + random.integers(-40, 40, (8, 8))).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")


def answer_of(question: Question[Answer]) -> Answer:
    pieces = question.answer()
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return end.value


def test_a_folder_with_more_images_is_read_again_and_sampled_anew(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    write_images(folder, range(10))
    name, pool = str(folder), PoolConfig(width=8, depth=1)
    config = TINY.model_copy(update={"dataset": name, "real_batch": 4})
    before = open_dataset(name, data_root())
    assert open_dataset(name, data_root()) is before
    run = record_run(root, config, "Before")
    image = view_of_folder(run).images[run.set_names[0]][0, 0]
    counts, distances = ImageCountsQuery(name), DistancesQuery(name, pool, 0, RANDOM)
    assert answer_of(counts) == (("dark", 2), ("light", 2))
    assert answer_of(nearest_question(run, image, "features")).among == 16
    assert answer_of(distances).images == 16

    write_images(folder, range(10, 20))
    until(lambda: DATASETS.known(name, data_root()) is None)
    assert open_dataset(name, data_root()).train_digest != before.train_digest
    assert ImageCountsQuery(name) != counts
    assert answer_of(ImageCountsQuery(name)) == (("dark", 4), ("light", 4))
    assert answer_of(DistancesQuery(name, pool, 0, RANDOM)).images == 32
    later = record_run(root, config, "After")
    assert answer_of(nearest_question(later, image, "features")).among == 32
    with pytest.raises(ValueError, match="other training images now"):
        answer_of(nearest_question(run, image, "features"))


@pytest.mark.parametrize(
    ("name", "reason"),
    [("~nosuchuser/x", "there is nothing at ~nosuchuser/x"), ("a\0b", "there is no data set 'a.x00b'")],
)
def test_a_name_that_is_no_path_makes_a_query_whose_answer_says_why(name: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        answer_of(ImageCountsQuery(name))

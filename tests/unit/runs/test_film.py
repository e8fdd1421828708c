"""Films of a run: one frame per stored iteration, whose images are those of the snapshots."""

import io
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.recorded_runs import described_data

from dmcore.config import CondenseConfig
from dmcore.files.atomic import StorageError
from dmcore.runs.description import SetDescription
from dmcore.runs.display import to_display_images
from dmcore.runs.film.files import FILM_FORMATS, HOLD, export_film, file_name
from dmcore.runs.film.film import Film, before_and_after, open_film
from dmcore.runs.film.layout import HIGHEST, WIDEST, SetShape, lay_out
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import create_run_folder
from dmcore.runs.snapshots import Snapshot, write_snapshot

ITERATIONS = (0, 1, 5, 30)
FILMS = [name for name, film_format in FILM_FORMATS.items() if film_format.moves]


def a_run(
    root: Path,
    sets: dict[str, int],
    *,
    classes: int = 3,
    channels: int = 3,
    side: int = 8,
    iterations: tuple[int, ...] = ITERATIONS,
    still: bool = False,
    title: str = "A run",
) -> RunFolder:
    """A run whose snapshots are random, or all the same where `still`."""
    class_names = tuple(f"<b>{number}</b>" for number in range(classes))
    data = described_data("x", title, class_names, channels, side)
    run = create_run_folder(
        root,
        title=title,
        origin="condense",
        config=CondenseConfig(dataset="x"),
        plan=None,
        data=data,
        sets=[SetDescription(name=name, images_per_class=count) for name, count in sets.items()],
        notes=[],
    )
    random = np.random.default_rng(0)
    for name, count in sets.items():
        for iteration in iterations:
            shape = (classes, count, channels, side, side)
            pixels = np.zeros(shape) if still else random.normal(size=shape)
            half = pixels.astype(np.float16)
            write_snapshot(run.snapshot_folder(name), Snapshot(iteration, half, half), run.id)
    return run


def frames_of(film: Film, format: str, seconds: float = 10.0) -> list[np.ndarray]:
    """What a viewer shows, in RGB."""
    with Image.open(io.BytesIO(FILM_FORMATS[format].pack(film, seconds))) as opened:
        shown = []
        for index in range(opened.n_frames):
            opened.seek(index)
            shown.append(np.asarray(opened.convert("RGB")))
        return shown


def images_in(film: Film, frame: np.ndarray, name: str) -> np.ndarray:
    """The images of a set as a frame shows them, [image, row, column, 3], at their own size."""
    block = film.layout.blocks[film.set_names.index(name)]
    step = film.layout.factor
    return np.stack(
        [frame[rows, columns][::step, ::step] for rows, columns in film.layout.image_slices(block)]
    )


def pictures(run: RunFolder, name: str, iteration: int) -> np.ndarray:
    """What the snapshot holds, [image, row, column, 3]."""
    shown = to_display_images(run.snapshot(name, iteration).pixels, run.description.data)
    flat = np.moveaxis(shown.reshape(-1, *shown.shape[2:]), 1, -1)
    return np.broadcast_to(flat, (*flat.shape[:-1], 3))


@pytest.mark.parametrize("burn_in", [True, False])
@pytest.mark.parametrize("still", [True, False])
@pytest.mark.parametrize("format", FILMS)
def test_film_has_one_frame_per_stored_iteration(tmp_path, format, still, burn_in):
    run = a_run(tmp_path, {"one": 1, "two": 2}, still=still)
    frames = frames_of(open_film(run, burn_in=burn_in), format)
    assert len(frames) == len(run.snapshots("one")) == len(ITERATIONS)


@pytest.mark.parametrize("format", FILMS)
def test_two_hundred_frames_that_hardly_differ_stay_two_hundred(tmp_path, format):
    run = a_run(tmp_path, {"one": 1}, iterations=tuple(range(200)), still=True, channels=1, classes=2)
    assert len(frames_of(open_film(run, burn_in=False), format)) == 200


@pytest.mark.parametrize("format", FILMS)
@pytest.mark.parametrize("channels", [1, 3])
def test_first_and_last_frame_show_the_pictures_of_the_snapshots(tmp_path, format, channels):
    run = a_run(tmp_path, {"one": 1, "two": 2}, channels=channels, side=12)
    film = open_film(run)
    frames = frames_of(film, format)
    for name in run.set_names:
        for index in (0, -1):
            shown = images_in(film, frames[index], name)
            there = pictures(run, name, ITERATIONS[index])
            if format == "webp" or channels == 1:
                assert np.array_equal(shown, there)
            else:  # 1,296 pixels of pure noise in 240 colours
                assert np.abs(shown.astype(int) - there).mean() < 16


def test_a_gif_of_few_colours_shows_them_exactly(tmp_path):
    run = a_run(tmp_path, {"one": 2}, side=6)  # 216 pixels
    film = open_film(run)
    for frame, iteration in zip(frames_of(film, "gif"), ITERATIONS, strict=True):
        assert np.array_equal(images_in(film, frame, "one"), pictures(run, "one", iteration))


def test_every_pixel_is_a_square_of_a_whole_number_of_pixels(tmp_path):
    film = open_film(a_run(tmp_path, {"one": 1}))
    rows, columns = next(film.layout.image_slices(film.layout.blocks[0]))
    shown, step = film.frame(0)[rows, columns], film.layout.factor
    assert step > 1
    assert np.array_equal(shown, shown[::step, ::step].repeat(step, 0).repeat(step, 1))


@pytest.mark.parametrize("format", FILMS)
def test_the_iteration_is_written_below_the_images_when_asked_for(tmp_path, format):
    run = a_run(tmp_path, {"one": 1}, still=True)
    film, plain = open_film(run), open_film(run, burn_in=False)
    top = film.layout.height
    strips = [frame[top:-4] for frame in frames_of(film, format)]
    assert all((strip < 128).any() for strip in strips)
    assert all((strip != next_strip).any() for strip, next_strip in pairwise(strips))
    assert plain.size[1] < film.size[1]
    assert np.array_equal(plain.frame(0)[:top], film.frame(0)[:top])


@pytest.mark.parametrize("format", FILMS)
def test_frames_last_equally_long_but_the_last_and_the_film_loops(tmp_path, format):
    content = FILM_FORMATS[format].pack(open_film(a_run(tmp_path, {"one": 1})), 2.0)
    with Image.open(io.BytesIO(content)) as opened:
        lasting = []
        for index in range(opened.n_frames):
            opened.seek(index)
            opened.load()
            lasting.append(opened.info["duration"])
        assert opened.info["loop"] == 0
    assert lasting == [500, 500, 500, 500 + HOLD]


@pytest.mark.parametrize(
    ("shapes", "side"),
    [
        ([(1, 1)], 1),
        ([(10, 1)] * 3, 8),
        ([(10, 1), (10, 10), (10, 50)], 32),
        ([(100, 1)], 32),
        ([(100, 50)], 32),
        ([(200, 1)] * 3, 64),
        ([(10, 10)], 224),
        ([(2, 500)], 28),
        ([(1000, 1)], 8),
        ([(2, 1)], 700),
    ],
)
def test_a_frame_is_never_larger_than_its_bounds_and_says_what_it_leaves_out(shapes, side):
    layout = lay_out([SetShape("a set", *shape) for shape in shapes], side, side, below=28)
    assert layout.width <= WIDEST
    assert layout.height + 28 <= HIGHEST
    for block, (classes, images) in zip(layout.blocks, shapes, strict=True):
        whole = (block.classes, block.images) == (classes, images)
        assert (block.label == "a set") == whole
        places = list(layout.image_slices(block))
        assert len(places) == block.classes * block.images
        assert all(columns.stop <= layout.width and rows.stop <= layout.height for rows, columns in places)


def test_ten_classes_stand_in_one_row_and_several_images_of_a_class_in_their_own():
    single, ten = lay_out([SetShape("", 10, 1), SetShape("", 10, 10)], 8, 8, below=28).blocks
    assert (single.columns, single.rows) == (10, 1)
    assert (ten.columns, ten.rows) == (10, 10)


def test_images_that_fit_nowhere_are_refused_with_a_remedy():
    with pytest.raises(ValueError, match="name one set, or export png"):
        lay_out([SetShape("", 10, 1)] * 3, 600, 600, below=28)


def test_a_set_of_a_hundred_classes_is_shown_whole(tmp_path):
    run = a_run(tmp_path, {"one": 1}, classes=100, side=16, iterations=(0, 9))
    film = open_film(run)
    assert np.array_equal(images_in(film, frames_of(film, "webp")[-1], "one"), pictures(run, "one", 9))


def test_a_large_set_is_shown_in_part_and_the_film_says_so(tmp_path):
    film = open_film(a_run(tmp_path, {"large": 500}, classes=10, channels=1, iterations=(0, 9)))
    (block,) = film.layout.blocks
    assert 1 < block.images < 500
    assert any(f"the first {block.images} of 500 images per class" in fact for fact in film.facts)


def test_before_and_after_stand_beside_each_other(tmp_path):
    film = open_film(a_run(tmp_path, {"one": 1, "two": 2}))
    both = before_and_after(film)
    height, width = film.layout.height, film.layout.width
    assert both.shape[1] == 2 * width
    assert np.array_equal(both[-height:, :width], film.frame(0)[:height])
    assert np.array_equal(both[-height:, width:], film.frame(len(ITERATIONS) - 1)[:height])
    assert (both[:-height, :width] != both[:-height, width:]).any()  # start …, end …


@pytest.mark.parametrize(("iterations", "remedy"), [((), "let it run first"), ((7,), "let it run on")])
def test_fewer_than_two_iterations_are_a_sentence(tmp_path, iterations, remedy):
    with pytest.raises(ValueError, match=remedy):
        open_film(a_run(tmp_path, {"one": 1}, iterations=iterations))


def test_one_set_is_shown_when_it_is_named_and_an_unknown_one_refused(tmp_path):
    run = a_run(tmp_path, {"one": 1, "two": 2})
    film = open_film(run, "two")
    assert [block.label for block in film.layout.blocks] == ["two"]
    assert file_name(film, "gif") == f"{run.id}-two-30-film.gif"
    with pytest.raises(ValueError, match="choose one of one, two"):
        open_film(run, "three")


def test_iterations_that_only_some_sets_keep_are_left_out(tmp_path):
    run = a_run(tmp_path, {"one": 1, "two": 2})
    (run.snapshot_folder("two") / "0000005.safetensors").unlink()
    assert open_film(run).iterations == (0, 1, 30)


@pytest.mark.parametrize("format", FILM_FORMATS)
def test_a_damaged_snapshot_is_a_sentence_and_leaves_no_file(tmp_path, format):
    run = a_run(tmp_path / "runs", {"one": 1})
    (run.snapshot_folder("one") / "0000030.safetensors").write_bytes(b"half")
    with pytest.raises(ValueError, match=r"0000030.safetensors is damaged.*doctor .* --repair"):
        export_film(open_film(run), format, tmp_path / "out")
    assert not list(tmp_path.glob("out/*"))


def test_hostile_titles_and_labels_do_not_break_a_film(tmp_path):
    hostile = "<script>../../x</script>\n\0\ud800 🎬 " + "long " * 500
    run = a_run(tmp_path / "runs", {"one": 1}, title=hostile.replace("\ud800", ""))
    film = open_film(run, labels={"one": hostile})
    assert len(frames_of(film, "gif")) == len(ITERATIONS)
    file = export_film(film, "gif", tmp_path / "out")
    assert [file.name] == [written.name for written in (tmp_path / "out").iterdir()]


def test_a_place_that_cannot_be_written_to_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="in the way"):
        export_film(open_film(a_run(tmp_path / "runs", {"one": 1})), "gif", tmp_path / "file")


def test_images_of_two_channels_are_refused(tmp_path):
    with pytest.raises(ValueError, match="export npz instead"):
        open_film(a_run(tmp_path, {"one": 1}, channels=2))


def test_films_need_no_torch():
    check = "import sys; import dmcore.runs.film.files; assert 'torch' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", check], check=False, timeout=60).returncode == 0

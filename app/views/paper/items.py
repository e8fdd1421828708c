"""Tables and figures of the paper: name, subject, published numbers as a figure, and what makes it here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.components.page_links import ACCURACY_PAGE, ARCHITECTURES_PAGE, DISTRIBUTION_PAGE, RACE_PAGE
from app.components.small_figure import Shape
from app.views.paper import published_figures as figures
from dmcore.experiments.figure5 import Figure5Config
from dmcore.experiments.published.numbers import IMAGENET_HOURS, TABLE5_MINUTES
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table2 import Table2Config
from dmcore.experiments.table3 import Table3Config
from dmcore.experiments.table4 import Table4Config
from dmcore.experiments.table_config import TableConfig

NO_GPU_TIME = "The paper prints no time for this one."
FIGURE4_TIME = (
    "Published (figure 4): condensing CIFAR-10 at 50 per class takes DM under 20 min on one GTX 1080, "
    "DSA 15 h"
)


@dataclass(frozen=True)
class PaperItem:
    """One table or figure of the paper."""

    name: str
    """In the address."""
    title: str
    subject: str
    """What it shows, in a few words."""
    data: str
    """Title of the data set whose published numbers are drawn."""
    draw: Callable[[figures.Curve], list[Shape]]
    """Content of its figure of published numbers, with one's own curve over it."""
    summary: str
    """The drawn numbers in a sentence, for who does not see the figure."""
    gpu_time: str
    """Published time on a GPU, named as such, or that there is none."""
    experiment: type[TableConfig] | None = None
    """What computes it here; None where that is not built."""
    page: Path | None = None
    """Page that runs it; figure 4 is no table, and has one of its own."""
    missing: str = ""
    """What is missing where it is not built."""
    coverage: str = ""
    """Sentences on which of its rows are computed here and which not; empty where all are."""
    axis: figures.Axis | None = None
    """Where one's own values have a place in the figure; None where they stand below it."""


ITEMS = (
    PaperItem(
        *("table1", "Table 1", "Accuracy by images per class", "CIFAR-10", figures.draw_table1),
        "DM 26.0, 48.9 and 63.0 % at 1, 10 and 50 per class; all 50\u202f000 real images 84.8 %",
        f"{FIGURE4_TIME}; ImageNet-1K at 64×64 took {IMAGENET_HOURS} h on ten of them.",
        *(Table1Config, ACCURACY_PAGE),
        coverage="All rows but DD and LD can be computed here. DC and DSA take long and are no usual rows: "
        "choose them as methods under Sizes on the Accuracy page.",
        axis=figures.TABLE1_AXIS,
    ),
    PaperItem(
        *("table2", "Table 2", "Batch norm, 50 per class", "three data sets", figures.draw_table2),
        "DM 65.2 % on CIFAR-10, 48.0 on CIFAR-100, 28.2 on TinyImageNet; DSA 59.9 and 44.6",
        *(NO_GPU_TIME, Table2Config, ACCURACY_PAGE),
        coverage="Both rows can be computed here. DSA takes long and is no usual one: choose it as a method "
        "under Sizes on the Accuracy page.",
        axis=figures.TABLE2_AXIS,
    ),
    PaperItem(
        *(
            "table3",
            "Table 3",
            "Across architectures",
            "CIFAR-10, 50 per class",
            figures.draw_table3,
        ),
        "learned on ConvNet 65.2, 61.3, 59.9 and 57.0 % on ConvNet, AlexNet, VGG and ResNet",
        *(NO_GPU_TIME, Table3Config, ARCHITECTURES_PAGE),
        coverage="All rows can be computed here. DSA takes long and is no usual one: choose ConvNet by DSA "
        "as a row on the Architectures page.",
    ),
    PaperItem(
        *("table4", "Table 4", "Networks: random, or trained to x %", "CIFAR-10", figures.draw_table4),
        "random networks 26.0, 48.9 and 63.0 % at 1, 10 and 50 per class; trained ones within 3 points",
        *(NO_GPU_TIME, Table4Config, DISTRIBUTION_PAGE),
    ),
    PaperItem(
        *("figure4", "Figure 4", "Time to condense 50 per class", "CIFAR-10", figures.draw_figure4),
        "DM under 20 min, DSA 15 h, on one GTX 1080",
        f"{FIGURE4_TIME}.",
        page=RACE_PAGE,
        coverage="DM, DC and DSA are timed and tested on the Race page, on this machine.",
    ),
    PaperItem(
        *("figure5", "Figure 5", "Many images per class", "CIFAR-10", figures.draw_figure5),
        "DM 67.0, 71.2, 76.1, 79.8 and 80.8 % at 100, 200, 500, 1\u202f000 and 1\u202f250 per class",
        *(NO_GPU_TIME, Figure5Config, ACCURACY_PAGE),
        axis=figures.FIGURE5_AXIS,
    ),
    PaperItem(
        *("figures6-7", "Figures 6 and 7", "Continual learning, 20 per class", "CIFAR-100"),
        figures.draw_figures6_7,
        "DM 34.4 and 34.6 % after 5 and 10 steps, DSA 31.7 and 30.5, herding 28.2 and 27.4, random 24.8",
        NO_GPU_TIME,
        missing="a memory that grows class by class, and training anew at each step",
    ),
    PaperItem(
        *(
            "table5",
            "Table 5",
            "Architecture search, rank correlation",
            "CIFAR-10, 50 per class",
            figures.draw_table5,
        ),
        "Spearman's correlation: DM 0.76, DSA 0.68, early stopping 0.11, random −0.04",
        f"Published: training 720 networks on the condensed set took {TABLE5_MINUTES['dm']:g} min, on all "
        f"images {TABLE5_MINUTES['whole']:,.0f}".replace(",", "\u202f")
        + " min.",
        missing="training 720 architectures on a set and on all images",
    ),
)

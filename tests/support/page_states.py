"""States of the pages: what the command line prepares for them, and the links and clicks that lead there."""

from dataclasses import dataclass, field
from typing import Any

TINY = ("--dataset", "digits", "--width", "8", "--depth", "2", "--real-batch", "8", "--iterations", "12")
SIZES = ("--dataset", "digits", "--seeds", "1", "--repeats", "2")
SHORT = ("--images-per-class", "1", "--iterations", "2", "--epochs", "1")
POOL = ("--pool-networks", "2", "--pool-steps", "8")
COMMANDS = (
    ("condense", "--images-per-class", "1", "--init", "real,noise", *TINY),
    ("condense", "--images-per-class", "1", "--norm", "batch", "--seed", "1", *TINY),
    ("select", "--dataset", "digits", "--method", "herding", "--images-per-class", "1"),
    ("evaluate", "{a}", "--repeats", "1", "--epochs", "2", "--kind", "condensed,random_real"),
    ("experiment", "table1", *SIZES, "--images-per-class", "1,2", "--methods", "random,mean_image,dm,whole"),
    ("experiment", "figure5", *SIZES, "--images-per-class", "1,2", "--methods", "random,mean_image"),
    ("experiment", "table3", *SIZES, *SHORT, "--learners", "convnet", "--testers", "convnet,mlp"),
    ("experiment", "table4", *SIZES, *SHORT, "--sources", "random,all", "--width", "8", *POOL),
)
"""What is in the prepared folder; {a} is the first run."""


@dataclass(frozen=True)
class Visit:
    """A page in one of its states."""

    page: str
    state: str
    query: dict[str, Any] = field(default_factory=dict)
    clicks: tuple[str, ...] = ()
    """Keys of the buttons that are pressed one after the other."""
    calm: int = 2
    """How many equal lists in a row tell that nothing changes any more."""
    alone: bool = False
    """Whether other views of the page are not opened."""
    moving: bool = False
    """Whether its numbers differ from visit to visit."""


TABLE1 = {
    "data": "Digits",
    "sizes": ["1", "2"],
    "seeds": "1",
    "repeats": "2",
    "methods": ["Random", "Mean image", "DM", "Whole set"],
}
FIGURE5 = TABLE1 | {"compare": "Figure 5", "methods": ["Random", "Mean image"]}
TABLE3 = {"laptop_rows": "ConvNet", "laptop_columns": ["ConvNet", "MLP"], "laptop_networks": "2"} | {
    **{"laptop_seeds": "1", "laptop_iterations": "2", "laptop_epochs": "1", "laptop_images": "1"}
}
TABLE4 = {
    "table4_data": "Digits",
    "sources": ["random", "all"],
    "per_class": "1",
    "table4_seeds": "1",
    "table4_repeats": "2",
} | {
    **{"table4_iterations": "2", "table4_epochs": "1", "table4_width": "8"},
    **{"table4_pool_networks": "2", "table4_pool_steps": "8"},
}
BOTH = {"a": "{a}", "b": "{b}"}
WATCHED = {"run": "{a}"}
MAP = {"features": "random", "map": "pca"}
LONG = {
    "dataset": "digits",
    "init": "real",
    "width": "8",
    "depth": "1",
    "real_batch": "4",
    "iterations": "1000000",
}
PAGES = ("watch", "how_it_works", "feature_space", "accuracy", "architectures", "network_distribution")
PAGES += ("runs", "compare")
EMPTY = tuple(Visit(page, "empty") for page in PAGES)
FULL = (
    Visit("watch", "set-up", {"setup": "open"}),
    Visit("watch", "set-up of a race", {"init": ["real", "noise"], "images_per_class": ["1", "2"]}),
    Visit("watch", "absurd address", {"iterations": "-3", "images_per_class": "0"}, alone=True),
    Visit("watch", "finished run", WATCHED, calm=8),
    Visit("watch", "finished run in the past", WATCHED | {"at": "4"}, alone=True),
    Visit("watch", "image picked", WATCHED | {"image": "real-1.0.0", "beside": "image"}, calm=6, alone=True),
    Visit("watch", "presenter", WATCHED | {"presenter": "true"}),
    Visit("watch", "coreset", {"run": "{coreset}"}),
    Visit("watch", "no such run", {"run": "20200101-000000-digits-abcd"}, alone=True),
    Visit("how_it_works", "revealed", {"guess": "fixed", "plane_stars": "1"}, alone=True),
    Visit("feature_space", "finished run", WATCHED | {"features": "random"}, calm=8),
    *(
        Visit("feature_space", f"beside {other}", WATCHED | MAP | {"map_beside": other}, calm=8, alone=True)
        for other in ("where they started", "another run", "nothing")
    ),
    Visit("accuracy", "table 1", TABLE1),
    Visit("accuracy", "table 1 by one column", TABLE1 | {"column": "2", "confusion": "true"}, calm=6),
    Visit("accuracy", "figure 5", FIGURE5),
    Visit("accuracy", "own table", {"data": "Digits", "compare": "my runs", "sets": "{a}:real-1,{b}:real-1"}),
    Visit("architectures", "table 3", TABLE3),
    Visit("architectures", "paper", {"table3_preset": "paper"}),
    Visit("network_distribution", "table 4", TABLE4, calm=4),
    Visit("network_distribution", "paper", {"table4_preset": "paper"}),
    Visit("runs", "runs"),
    *(
        Visit("runs", f"{action} dialog", {}, (f"{action}_{{a}}",), alone=True)
        for action in ("continue", "rename", "delete")
    ),
    Visit("runs", "nothing found", {"search": "nothing like it"}, alone=True),
    Visit("compare", "two runs", BOTH),
    Visit("compare", "same run twice", {"a": "{a}", "b": "{a}"}, alone=True),
    Visit("architectures", "running", {}, ("table_run",), moving=True, alone=True),
    Visit("accuracy", "table queued", {}, ("table_run",), moving=True, alone=True),
    Visit("network_distribution", "another table running", {}, moving=True, alone=True),
    Visit("architectures", "paused", {}, ("table_pause",), moving=True, alone=True),
    Visit("accuracy", "table cancelled", {}, ("table_cancel",), moving=True, alone=True),
    Visit("architectures", "stopped", {}, ("table_stop",), moving=True, alone=True, calm=6),
    Visit("watch", "running", LONG, ("watch_start",), moving=True, alone=True, calm=4),
    Visit("feature_space", "running", MAP, moving=True, alone=True, calm=6),
    Visit("runs", "one running", moving=True, alone=True),
    Visit("compare", "one running", BOTH, moving=True, alone=True),
    Visit("accuracy", "a run running", TABLE1, moving=True, alone=True),
    Visit("watch", "paused", {}, ("pause",), moving=True, alone=True),
    Visit("watch", "paused presenter", {"presenter": "true"}, moving=True, alone=True),
    Visit("watch", "stopped", {}, ("stop",), moving=True, alone=True, calm=6),
    Visit("watch", "new run", {}, ("new_run",), moving=True, alone=True),
    Visit("runs", "one stopped", moving=True, alone=True),
)

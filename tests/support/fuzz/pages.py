"""Targets of the app: each opens one page as a link does, on the damaged run, the healthy one, or none."""

import hashlib
import logging
import os
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from streamlit.config import set_option
from streamlit.testing.v1 import AppTest

from app import ROOT
from app.jobs.manager import get_manager
from app.views.feature_space.map_questions import Cloud, MapQuestion, get_projections
from support.fuzz.commands import Target
from support.fuzz.outcome import Outcome, plain
from support.fuzz.root import HEALTHY, FuzzedRoot
from support.live_routes import live_client
from support.pages import SECONDS, components_of, html_of, image_grids_of, lines_of, plain_spaces, tables_of
from support.waiting import until

LIVE = (
    *(
        "status",
        "images",
        "film?after=-1",
        "stops",
        "loss",
        "gauge",
        "both?beside={other}",
        "film?layer=momentum",
    ),
    *("inspected?set={set}&class=0&image=0", "status?at=2", "loss?at=2", "images?layer=change ×16"),
    *("placement?features=random&map=pca", "placements?features=random&map=pca"),
    "curve?features=random&map=pca&number=spread",
)
"""Addresses of a run that the live parts of the pages poll."""


def _prepare(root: FuzzedRoot, cache: Path | None = None) -> None:
    """A manager of this root, torch loaded; the projection worker stays, its answers do not."""
    os.environ["DM_RUNS"], os.environ["DM_CACHE"] = str(root.runs), str(cache or root.cache)
    os.environ["DM_DATA"] = str(root.folder / "data")
    get_manager.release()
    manager = get_manager()
    manager.warm_up()
    until(lambda: manager.device is not None)
    get_projections().discard(MapQuestion, lambda question: not isinstance(question, Cloud))


def _open(page_file: str, query: dict[str, str], twice: bool = False) -> AppTest:
    page = AppTest.from_file(str(ROOT / "pages" / page_file), default_timeout=SECONDS)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    if twice and not page.exception:  # with what the projection worker has answered
        until(lambda: get_projections().idle)
        page.run()
    return page


def _outcome(root: FuzzedRoot, page: AppTest, need: Callable[[AppTest], bool], moves: bool) -> Outcome:
    if page.exception:
        stack = "\n".join(page.exception[0].proto.stack_trace)
        return Outcome(traceback=f"{page.exception[0].value}\n{stack}")
    kinds = (page.markdown, page.caption, page.error, page.warning, page.info, page.success)
    texts = [plain_spaces(str(element.value)) for kind in kinds for element in kind] + html_of(page)
    texts += [plain_spaces(line) for grid in image_grids_of(page) for line in grid["caption"]]
    text = plain("\n".join(texts), root.folder)
    shown = {} if moves else _facts_of(page, root)
    return Outcome(text=text, facts=shown, hidden=not need(page))


def _facts_of(page: AppTest, root: FuzzedRoot) -> dict[str, Any]:
    """What is shown of runs: their states and iterations, images, and tables of accuracies and settings."""
    grids = [hashlib.sha256(proto.bytes).hexdigest()[:12] for proto in components_of(page, "dm_image_grid")]
    states = [plain(line, root.folder) for line in lines_of(page)]
    return {"states": states, "images": grids, "tables": tables_of(page)}


def page(page_file: str, queries: tuple[dict[str, str], ...], moves: bool = False) -> Target:
    """Target that opens a page by each of these queries in turn; {run}: the damaged run, {healthy}.

    What `moves` shows what has been computed by now, so it is not compared.
    """

    def target(root: FuzzedRoot, label: str, variant: int) -> Outcome:
        query = queries[variant % len(queries)]
        names = {"run": root.ids[label or "stopped"], "healthy": root.ids[HEALTHY]}
        filled = {key: value.format(**names) for key, value in query.items()}
        try:
            # projections are stored by the content of their files: those of whole files are computed once
            _prepare(root, root.folder.parent / "projections" if moves else None)
            opened = _open(page_file, filled, twice=moves)
            need = partial(_shows_healthy, run_id=root.ids[HEALTHY]) if page_file == "runs.py" else bool
            return _outcome(root, opened, need, moves)
        except Exception:  # noqa: BLE001 - what escapes is what is looked for
            return Outcome(traceback=traceback.format_exc())
        finally:
            get_manager.release()

    return target


def _shows_healthy(page: AppTest, run_id: str) -> bool:
    return any(run_id in str(element.value) for element in page.caption)


def live(root: FuzzedRoot, label: str, variant: int) -> Outcome:
    """Every live address of the run: an answer, or an error in JSON."""
    try:
        _prepare(root, root.folder.parent / "projections")
        client = live_client()
        run_id, other = root.ids[label or "stopped"], root.ids[HEALTHY]
        texts = []
        for address in LIVE:
            answer = client.get(f"/live/runs/{run_id}/{address.format(other=other, set='real-1')}")
            texts.append(f"{address.partition('?')[0]} {answer.status_code}")
        answer = client.get(f"/live/runs/{other}/both?beside={run_id}")
        healthy = client.get(f"/live/runs/{other}/status").status_code
        until(lambda: get_projections().idle)
        return Outcome(text="\n".join((*texts, f"both {answer.status_code}")), hidden=healthy != 200)
    except Exception:  # noqa: BLE001 - what escapes is what is looked for
        return Outcome(traceback=traceback.format_exc())
    finally:
        get_manager.release()


RUN, NEAR, NONE = {"run": "{run}"}, {"run": "{healthy}"}, {}
AT = {"run": "{run}", "at": "2", "layer": "momentum"}
SPACE = {"map": "pca", "features": "random"}

PAGE_TARGETS: dict[str, Target] = {
    "Watch": page("watch.py", (RUN, AT, RUN, NEAR, RUN, NONE)),
    "Runs": page("runs.py", (NONE,)),
    "Compare": page(
        "compare.py",
        ({"a": "{run}", "b": "{healthy}"}, {"a": "{healthy}", "b": "{run}", "at": "2"}, NONE),
    ),
    "Feature space": page(
        "feature_space.py", (RUN | SPACE, NEAR | SPACE, AT | SPACE, NONE | SPACE), moves=True
    ),
    "live addresses": live,
}


def quiet() -> None:
    """Keep the logs of the pages out of the table."""
    logging.disable(logging.CRITICAL)
    set_option("logger.enableRich", False)  # which prints tracebacks past the logs
    set_option("client.showErrorDetails", "full")

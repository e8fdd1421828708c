"""What the live addresses answer about the feature map: the newest placement, a film of them, thumbnails.

Nothing here waits for the placing process: what is not there yet is wanted and answered the next time.
"""

from collections.abc import Mapping

import numpy as np

from app.components.star_map.values import pack_film, pack_placement, pack_thumbs
from app.jobs.manager import JobManager
from app.run.addresses import run_address
from app.run.run_view import RunView
from app.views.feature_space.coverage_table import METRIC_BY_NAME, curve_of
from app.views.feature_space.projection_history import request_history
from app.views.feature_space.projection_requests import known_projections, request_cloud, thumbs
from app.views.feature_space.projection_values import ProjectedCloud, RunProjection
from app.views.feature_space.scene import Scene, pack_run_projection, scene_projection, set_panels
from dmcore.runs.folder import RunFolder

THUMBS_SECONDS = 5.0


def newest(asked: Mapping[str, str], manager: JobManager, run: RunFolder, view: RunView) -> bytes:
    """The newest placement; nothing while there is none."""
    scene = Scene.of_query(run, asked)
    cloud = request_cloud(scene.choice)
    if not isinstance(cloud, ProjectedCloud) or asked.get("on", cloud.key) != cloud.key:
        return b""  # or the page shows an older map
    placement = scene_projection(scene, run, manager)
    request_history(scene.choice, run, manager)
    return (
        pack_run_projection(scene, run, view, cloud, placement)
        if isinstance(placement, RunProjection)
        else b""
    )


def film(asked: Mapping[str, str], manager: JobManager, run: RunFolder, view: RunView) -> bytes:
    """Every placement above `after` that is known, without pictures."""
    scene, after = Scene.of_query(run, asked), asked.get("after", "")
    least = int(after) if after.isdecimal() else -1
    cloud = request_cloud(scene.choice)
    if not isinstance(cloud, ProjectedCloud) or asked.get("on", cloud.key) != cloud.key:
        return b""
    request_history(scene.choice, run, manager)
    frames = [
        pack_placement(one.iteration, "", (), set_panels(run, one, {}, None))
        for one in known_projections(scene.choice, run)
        if one.iteration > least
    ]
    return pack_film(frames)


def curve(asked: Mapping[str, str], run: RunFolder) -> dict[str, object]:
    """The figure of one number over the iterations."""
    scene = Scene.of_query(run, asked)
    name = asked.get("number", "")
    name = name if name in METRIC_BY_NAME else "coverage"
    source = run_address(run.id, "curve", **scene.as_query(), number=name)
    return curve_of(run, scene, name, source).as_json()


def pictures(asked: Mapping[str, str], manager: JobManager, run: RunFolder, view: RunView) -> bytes:
    """The real images of the cloud, as they are stored."""
    found = thumbs(Scene.of_query(run, asked).choice, THUMBS_SECONDS)
    return pack_thumbs(found) if isinstance(found, np.ndarray) else b""

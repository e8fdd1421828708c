"""Responses of the feature map's live addresses: newest projection, film, metric curve, thumbnails.

Nothing here waits for the projection worker: what is missing is requested, and answered the next time.
"""

from collections.abc import Mapping

import numpy as np

from app.components.star_map.values import pack_film, pack_projection, pack_thumbs
from app.jobs.manager import JobManager
from app.run.addresses import run_address
from app.run.run_view import RunView
from app.views.feature_space.coverage_table import METRIC_BY_NAME, metric_curve
from app.views.feature_space.projection_history import request_history
from app.views.feature_space.projection_requests import cloud_thumbnails, known_projections, request_cloud
from app.views.feature_space.projection_values import CloudProjection, RunProjection
from app.views.feature_space.scene import Scene, pack_run_projection, scene_projection, set_panels
from dmcore.runs.folder import RunFolder


def newest(query: Mapping[str, str], manager: JobManager, run: RunFolder, view: RunView) -> bytes:
    """Newest projection, packed for the browser; empty while there is none."""
    scene = Scene.of_query(run, query)
    cloud = request_cloud(scene.choice)
    if not isinstance(cloud, CloudProjection) or query.get("on", cloud.key) != cloud.key:
        return b""  # or the page shows an older map
    projection = scene_projection(scene, run, manager)
    request_history(scene.choice, run, manager)
    return (
        pack_run_projection(scene, run, view, cloud, projection)
        if isinstance(projection, RunProjection)
        else b""
    )


def film(query: Mapping[str, str], manager: JobManager, run: RunFolder, view: RunView) -> bytes:
    """All known projections after the iteration `after`, packed without images."""
    scene, after = Scene.of_query(run, query), query.get("after", "")
    after_iteration = int(after) if after.isdecimal() else -1
    cloud = request_cloud(scene.choice)
    if not isinstance(cloud, CloudProjection) or query.get("on", cloud.key) != cloud.key:
        return b""
    request_history(scene.choice, run, manager)
    frames = [
        pack_projection(projection.iteration, "", (), set_panels(run, projection, {}, None))
        for projection in known_projections(scene.choice, run)
        if projection.iteration > after_iteration
    ]
    return pack_film(frames)


def curve(query: Mapping[str, str], run: RunFolder) -> dict[str, object]:
    """Figure of a metric over the iterations, as JSON."""
    scene = Scene.of_query(run, query)
    name = query.get("number", "")
    name = name if name in METRIC_BY_NAME else "coverage"
    source = run_address(run.id, "curve", **scene.as_query(), number=name)
    return metric_curve(run, scene, name, source).as_json()


def thumbnails(query: Mapping[str, str], manager: JobManager, run: RunFolder, view: RunView) -> bytes:
    """Thumbnails of the cloud's real images, packed for the browser; empty while there are none."""
    images = cloud_thumbnails(Scene.of_query(run, query).choice)
    return pack_thumbs(images) if isinstance(images, np.ndarray) else b""

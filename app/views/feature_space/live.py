"""Live resources of the Feature space page: newest projection, film, metric curve, thumbnails.

Nothing here waits for the projection worker: what is missing is asked for, and there the next time.
"""

from app.components.live_figure import LiveFigure
from app.components.live_resource import Answer, Query, figure_answer
from app.components.packed_frame import pack_frames
from app.components.star_map.values import pack_projection, pack_thumbs
from app.run.live import RUN, RunState, last_known
from app.views.feature_space.metric_curve import METRIC_BY_NAME, metric_curve
from app.views.feature_space.projections import cloud_projection, cloud_thumbnails, missing_projections
from app.views.feature_space.quick_map import quick_map
from app.views.feature_space.run_questions import known_projections
from app.views.feature_space.scene import Scene, pack_run_projection, scene_projection, set_panels

GOOD_SECONDS = 0.5
"""How long answers are good that the projection worker has a part in: of its news there is no token."""


@RUN.resource("placement", Answer, good_seconds=GOOD_SECONDS)
def newest(state: RunState, query: Query) -> bytes:
    """Newest projection, packed for the browser; empty while there is none."""
    run, scene = state.run, Scene.of_query(state.run, query)
    cloud = cloud_projection(scene.choice).value
    if cloud is None or query.get("on", cloud.key) != cloud.key:
        return b""  # or the page shows an older map
    projection = scene_projection(scene, run).value
    missing_projections(scene.choice, run)
    return b"" if projection is None else pack_run_projection(run, state.view, cloud, projection)


@RUN.resource("quick", Answer, good_seconds=GOOD_SECONDS)
def quick(state: RunState, query: Query) -> bytes:
    """Newest images on the quick map, packed for the browser; empty while there are none."""
    known = quick_map(state.run, None).value
    if known is None or query.get("on", known.cloud.key) != known.cloud.key:
        return b""
    return pack_run_projection(state.run, state.view, *known)


@RUN.resource("placements", Answer, good_seconds=GOOD_SECONDS, bulk=True)
def film(state: RunState, query: Query) -> bytes:
    """All known projections after the iteration `after`, packed without images."""
    run, scene = state.run, Scene.of_query(state.run, query)
    cloud = cloud_projection(scene.choice).value
    if cloud is None or query.get("on", cloud.key) != cloud.key:
        return b""
    missing_projections(scene.choice, run)
    frames = [
        pack_projection(projection.iteration, "", (), set_panels(run, projection, {}, None))
        for projection in known_projections(scene.choice, run)
        if projection.iteration > last_known(query)
    ]
    return pack_frames(frames)


@RUN.resource("curve", figure_answer, good_seconds=GOOD_SECONDS)
def curve(state: RunState, query: Query) -> LiveFigure:
    """Figure of a metric over the iterations."""
    run, scene = state.run, Scene.of_query(state.run, query)
    name = query.get("number", "")
    return metric_curve(run, scene, name if name in METRIC_BY_NAME else "coverage")


@RUN.resource("cloud", Answer, good_seconds=GOOD_SECONDS, bulk=True)
def thumbnails(state: RunState, query: Query) -> bytes:
    """Thumbnails of the cloud's real images, packed for the browser; empty while there are none."""
    images = cloud_thumbnails(Scene.of_query(state.run, query).choice).value
    return b"" if images is None else pack_thumbs(images)

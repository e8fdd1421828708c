"""Projections that the Feature space page shows, each looked at and asked for where it is not known.

Nothing here waits longer than its `patience`, in seconds; what needs a cloud is asked once that is known.
"""

from app.answers.question import Look
from app.views.feature_space.map_questions import (
    HISTORY,
    Cloud,
    Fresh,
    Joint,
    MapQuestion,
    Thumbnails,
    get_projections,
)
from app.views.feature_space.projection_values import (
    CloudChoice,
    CloudProjection,
    FreshImages,
    JointProjection,
    RunProjection,
    StoredSet,
)
from app.views.feature_space.run_questions import Live, Stored, is_due, snapshot_in_progress
from dmcore.files.messages import Array
from dmcore.runs.folder import RunFolder

VIEWED_SECONDS = 20.0
"""A run's history is projected further for so many seconds after a page asked for it."""


def cloud_projection(choice: CloudChoice) -> Look[CloudProjection]:
    """The real images on their map."""
    return get_projections().ask(Cloud(choice))


def stored_projection(
    choice: CloudChoice, run: RunFolder, iteration: int, patience: float = 0.0
) -> Look[RunProjection]:
    """Projection of a stored iteration."""
    return cloud_projection(choice).then(
        lambda cloud: get_projections().ask(Stored(choice, cloud.map_key, run, iteration), patience)
    )


def newest_projection(choice: CloudChoice, run: RunFolder, patience: float = 0.0) -> Look[RunProjection]:
    """Newest projection of a run, that of a run in progress a few seconds old; unknown before any images."""
    snapshot = snapshot_in_progress(run)
    if snapshot is None:
        stored = run.snapshots()
        return stored_projection(choice, run, stored[-1], patience) if stored else Look()

    def ask(cloud: CloudProjection) -> Look[RunProjection]:
        answers, question = get_projections(), Live(choice, cloud.map_key, run)
        newest = answers.look(question).value
        if newest is None:
            return answers.ask(question, patience)
        return answers.ask(question, again=is_due(newest, snapshot))

    return cloud_projection(choice).then(ask)


def fresh_images(choice: CloudChoice, images_per_class: int) -> Look[FreshImages]:
    """Random real images that are not in the cloud, projected and measured."""
    return cloud_projection(choice).then(
        lambda cloud: get_projections().ask(Fresh(choice, cloud.map_key, images_per_class))
    )


def cloud_thumbnails(choice: CloudChoice) -> Look[Array]:
    """The cloud's real images, uint8 [real, channel, height, width]."""
    return get_projections().ask(Thumbnails(choice))


def joint_projection(choice: CloudChoice, sets: tuple[StoredSet, ...], fresh: int) -> Look[JointProjection]:
    """Joint t-SNE of a cloud, these sets and `fresh` random real images of each class."""

    def ask(cloud: CloudProjection) -> Look[JointProjection]:
        answers, question = get_projections(), Joint(choice, cloud.map_key, sets, fresh)
        if not answers.load(question).known:
            answers.cancel(Joint)  # a fit takes seconds: nobody waits for those of other iterations any more
        return answers.ask(question)

    return cloud_projection(choice).then(ask)


def missing_projections(choice: CloudChoice, run: RunFolder) -> int:
    """Number of stored iterations that are not projected yet; they are while no job is running.

    What is in the disk cache is there at once, even then.
    """
    answers, stored = get_projections(), run.snapshots()
    cloud = answers.look(Cloud(choice)).value
    if cloud is None:
        return len(stored)
    missing = 0
    for iteration in stored:
        question = Stored(
            choice,
            cloud.map_key,
            run,
            iteration,
            priority=HISTORY + iteration,
            after_job=True,
            forget_seconds=VIEWED_SECONDS,
        )
        look = answers.look(question)
        missing += (look if look.failure is not None else answers.ask(question)).pending
    return missing


def retry_failed(choice: CloudChoice) -> None:
    """Let what failed about a cloud be asked again."""
    get_projections().discard(MapQuestion, lambda question: question.choice == choice, failed=True)

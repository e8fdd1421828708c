"""Timed matching step of gradient matching (DC, DSA): with the training before it, and each of its parts."""

from collections.abc import Sequence
from functools import partial

import torch

from dmcore.augment import Augmentation, strategy
from dmcore.bench.cases import Case
from dmcore.bench.our_step import random_data
from dmcore.bench.timed_parts import TimedParts
from dmcore.config import CondenseConfig
from dmcore.data.synthetic import Pixels, SyntheticSet
from dmcore.embedding.networks import RandomNetworks
from dmcore.execution.workers import parallel_map
from dmcore.gradient_matching import OuterStep, condense, freeze_batch_norms, inner_protocol, match
from dmcore.gradients.distance import distance_parameters
from dmcore.gradients.draws import GradientDraws, random_draws
from dmcore.gradients.plan import make_gradient_plan
from dmcore.networks import Network
from dmcore.training.loop import NetworkTraining
from dmcore.training.minibatch import loss_in_pieces


class OurGradientStep(TimedParts):
    """Contender that goes on to the next matching step of `condense` at each call."""

    def __init__(self, case: Case) -> None:
        config, data = case.config, random_data(case)
        assert not isinstance(config, CondenseConfig)
        plan = make_gradient_plan(config, case.shape, case.classes, case.device, case.threads)
        super().__init__(case, plan)
        self._config = config
        self._steps = condense(data, config, plan=plan)
        (self._synthetic,) = next(self._steps).sets
        self._real = data.train.to(plan.torch_device)
        self._networks = RandomNetworks(
            *(config.network_spec(), case.shape, case.classes, config.seed, plan.torch_device),
            plan.channels_last,
        )
        self._operations = strategy(config.operations, flip_keeps_label=True)
        self._draw = 0

    @property
    def pixels(self) -> Pixels:
        """Synthetic images as they are."""
        return self._synthetic.pixels

    def __call__(self) -> float:
        """Run on to the next matching step; returns its loss, summed over classes."""
        step = next(step for step in self._steps if isinstance(step, OuterStep))
        return float(sum(loss.sum() for loss in step.loss_by_class.values()))

    def parts(self) -> dict[str, float]:
        """Seconds of each part, timed separately on a fresh network."""
        self._draw += 1
        with self._plan.applied():
            (spec,) = self._config.all_sets()
            synthetic = SyntheticSet.initial(spec, self._real, self._config.seed)
            draws = random_draws(
                self._real, synthetic, self._config, self._operations, self._plan, self._draw
            )
            drawn, network = self._timed(lambda: self._networks.at(self._draw))
            draw, (real, augmentations) = self._timed(lambda: (draws.real(0), draws.augmentations(0)))
            trained = bool(self._case.trained_images)
            draw += 0.0 if trained else drawn  # an iteration draws its network, a part of one does not
            training = NetworkTraining(network, inner_protocol(self._config))
            if draws.statistics is not None:
                images = draws.statistics(0).contiguous(memory_format=self._plan.memory_format)
                freeze_batch_norms(network, images)
            of_real, _ = self._timed(lambda: self._real_gradients(network, real, augmentations))
            distance = self._config.distance
            matched, (_, gradient) = self._timed(
                lambda: match(network, real, synthetic.pixels, augmentations, distance, self._plan)
            )
            update, _ = self._timed(lambda: synthetic.sgd_step(gradient))
            parts = {
                "draw": draw,
                "real gradients": of_real,
                "synthetic gradients": max(0.0, matched - of_real),
                "update": update,
            }
            if trained:
                parts["training"], _ = self._timed(lambda: self._train(training, draws))
        return parts

    def _real_gradients(
        self, network: Network, real: Sequence[torch.Tensor], augmentations: Sequence[Augmentation]
    ) -> None:
        """What `match` computes of the real images."""
        parameters = distance_parameters(network, self._config.distance)
        logits = partial(self._plan.logits, network)

        def of_class(index: int) -> None:
            batch = augmentations[index](real[index]).contiguous(memory_format=self._plan.memory_format)
            label = torch.full((len(batch),), index, device=batch.device)
            loss_in_pieces(logits, batch, label, parameters, self._plan.piece, workers=1)

        parallel_map(of_class, range(len(real)), self._plan.workers)

    def _train(self, training: NetworkTraining, draws: GradientDraws) -> None:
        training.network.train()
        for _ in range(self._config.loops.inner):
            for _ in draws.minibatches.train_epoch(training):
                pass

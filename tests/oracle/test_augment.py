"""Each augmentation with explicit parameters against the recorded images and gradients (augment.npz)."""

import inspect

import pytest
import torch

from dmcore import augment


@pytest.mark.parametrize("kind", ["rgb32", "gray28"])
@pytest.mark.parametrize("per_image", [False, True], ids=["one parameter set", "a parameter set per image"])
def test_augmentations_and_their_gradients_equal_the_record(oracle, kind, per_image):
    record = oracle("augment.npz")
    cotangent = torch.from_numpy(record[f"{kind}/cotangent"])
    cases = sorted(
        {tuple(key.split("/")[1:3]) for key in record.files if key.startswith(kind) and key.endswith("/y")}
    )
    largest = 0.0
    for operation, number in cases:
        augmentation = getattr(augment, operation.title())
        images = torch.from_numpy(record[f"{kind}/x"]).requires_grad_()
        prefix = f"{kind}/{operation}/{number}"
        names = list(inspect.signature(augmentation).parameters)
        values = [float(record[f"{prefix}/{name}"]) for name in names]
        if per_image:
            values = [torch.full((len(images),), value) for value in values]
        result = augmentation(*values)(images)
        (gradient,) = torch.autograd.grad((result * cotangent).sum(), images)
        for ours, key in ((result, "y"), (gradient, "grad")):
            expected = torch.from_numpy(record[f"{prefix}/{key}"])
            torch.testing.assert_close(
                ours.detach(), expected, atol=1e-4, rtol=1e-4, msg=lambda m, p=prefix: f"{p}: {m}"
            )
            largest = max(largest, float((ours.detach() - expected).abs().max()))
    print(f"augment.npz {kind}: {len(cases)} cases x (image, gradient), largest difference {largest:.2e}")
    assert len(cases) >= 18

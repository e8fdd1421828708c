"""Lines of plain torch that load an exported npz and train a network on it, to copy; needs no dmcore."""

_LINES = '''\
import numpy as np
import torch
from torch import nn

file = np.load("{file_name}")
images, label = torch.from_numpy(file["images"]), torch.from_numpy(file["label"])  # normalised
names, mean, std = file["class_names"], file["mean"], file["std"]


def block(width):
    return [nn.LazyConv2d(width, 3, padding=1), nn.GroupNorm(width, width), nn.ReLU(), nn.AvgPool2d(2)]


network = nn.Sequential(*block(128), *block(128), *block(128), nn.Flatten(), nn.LazyLinear(len(names)))
network(images[:2])  # sets the sizes
sgd = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
for epoch in range(300):
    for batch in torch.randperm(len(images)).split(256):
        loss = nn.functional.cross_entropy(network(images[batch]), label[batch])
        sgd.zero_grad()
        loss.backward()
        sgd.step()


def recognise(image):
    """Name of the class of an image [channel, height, width] with pixels from 0 to 1."""
    normalised = (image - torch.tensor(mean).view(-1, 1, 1)) / torch.tensor(std).view(-1, 1, 1)
    return names[network(normalised[None].float()).argmax()]
'''


def training_example(file_name: str) -> str:
    """The lines, for an npz of this name in the current folder."""
    return _LINES.format(file_name=file_name)

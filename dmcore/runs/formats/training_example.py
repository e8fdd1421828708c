"""Lines of plain torch that load an exported set and train a network on it, to copy; they need no dmcore."""

_IMPORTS = """\
{imports}import torch
{more_imports}from torch import nn

"""
_NPZ = """\
file = np.load("{stem}.npz")
images, label = torch.from_numpy(file["images"]), torch.from_numpy(file["label"])  # normalised
names, mean, std = file["class_names"], file["mean"], file["std"]
"""
_SAFETENSORS = """\
with safe_open("{stem}.safetensors", framework="pt") as file:
    images, label = file.get_tensor("images"), file.get_tensor("label")  # normalised
    facts = json.loads(file.metadata()["facts"])
names, mean, std = facts["class_names"], facts["mean"], facts["std"]
"""
_PT = """\
((images, label),) = torch.load("{stem}.pt")["data"]  # normalised
facts = json.loads(Path("{stem}.normalisation.json").read_text(encoding="utf-8"))
names, mean, std = facts["class_names"], facts["mean"], facts["std"]
"""
_NORMALISE = """\
names, mean, std = facts["class_names"], facts["mean"], facts["std"]
pixels = pixels.permute(0, 3, 1, 2) / 255  # [image, channel, height, width]
images = (pixels - torch.tensor(mean).view(-1, 1, 1)) / torch.tensor(std).view(-1, 1, 1)
"""
_PNG = (
    """\
sheet = Image.open("{stem}.png")  # a row for each class
facts = json.loads(sheet.text["dm-explorer"])
height, width, rows = facts["height"], facts["width"], len(facts["class_names"])
pixels = torch.from_numpy(np.array(sheet)).view(rows, height, sheet.width // width, width, -1)
label = torch.arange(rows).repeat_interleave(pixels.shape[2])
pixels = pixels.transpose(1, 2).flatten(0, 1)
"""
    + _NORMALISE
)
_IMAGEFOLDER = (
    """\
folder = Path("{stem}-imagefolder")
facts = json.loads((folder / "normalisation.json").read_text(encoding="utf-8"))
files = sorted(folder.glob("*/*.png"))
classes = sorted({{file.parent.name for file in files}})  # in the order of the names
label = torch.tensor([classes.index(file.parent.name) for file in files])
pixels = torch.from_numpy(np.stack([np.array(Image.open(file)) for file in files]))
pixels = pixels.view(*pixels.shape[:3], -1)
"""
    + _NORMALISE
)
_DDRANKING = """\
folder = Path("{stem}-ddranking")
images, label = torch.load(folder / "images.pt"), torch.load(folder / "labels.pt")  # normalised
facts = json.loads((folder / "normalisation.json").read_text(encoding="utf-8"))
names, mean, std = facts["class_names"], facts["mean"], facts["std"]
"""
_TRAINING = """

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
    \"\"\"Name of the class of an image [channel, height, width] with pixels from 0 to 1.\"\"\"
    normalised = (image - torch.tensor(mean).view(-1, 1, 1)) / torch.tensor(std).view(-1, 1, 1)
    return names[network(normalised[None].float()).argmax()]
"""
_JSON, _NUMPY = "import json\n", "import numpy as np\n"
_JSON_PATH = f"{_JSON}from pathlib import Path\n\n"
_LOADING = {
    "npz": (_NUMPY, "", _NPZ),
    "safetensors": (f"{_JSON}\n", "from safetensors import safe_open\n", _SAFETENSORS),
    "pt": (_JSON_PATH, "", _PT),
    "png": (f"{_JSON}\n{_NUMPY}", "from PIL import Image\n", _PNG),
    "imagefolder": (f"{_JSON_PATH}{_NUMPY}", "from PIL import Image\n", _IMAGEFOLDER),
    "ddranking": (_JSON_PATH, "", _DDRANKING),
}
"""Imports before torch and after it, and the lines that load, by format."""
EXAMPLES = tuple(_LOADING)
"""Formats that there are lines for."""


def training_example(format: str, stem: str) -> str:
    """The lines, for a set in a format of `EXAMPLES` in the current folder, unpacked where it is a zip.

    Args:
        format: which.
        stem: name of the set's files without their ending, `RUN-SET-ITERATION`.
    """
    imports, more_imports, loading = _LOADING[format]
    head = _IMPORTS.format(imports=imports, more_imports=more_imports)
    return head + loading.format(stem=stem) + _TRAINING

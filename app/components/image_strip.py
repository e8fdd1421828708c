"""Strip of small images as one picture: enlarged by the browser, whose pixels stay sharp."""

import base64
import io
from html import escape

import numpy as np
from PIL import Image

from dmcore.runs.display import DisplayImages


def image_strip(images: DisplayImages, alt: str, columns: int | None = None) -> str:
    """HTML of images side by side, a pixel of nothing between them; its width is up to the style sheet.

    Args:
        images: uint8 [image, channel, height, width], one or three channels.
        alt: what they show, for readers who do not see them.
        columns: images of a row; left open, all.
    """
    count, channels, height, width = images.shape
    columns = columns or count
    rows = -(-count // columns)
    sheet = np.zeros((rows * (height + 1) - 1, columns * (width + 1) - 1, 4), np.uint8)
    for number, image in enumerate(images):
        top, left = number // columns * (height + 1), number % columns * (width + 1)
        colours = np.broadcast_to(image, (3, height, width)) if channels == 1 else image
        sheet[top : top + height, left : left + width, :3] = colours.transpose(1, 2, 0)
        sheet[top : top + height, left : left + width, 3] = 255
    size = f'width="{sheet.shape[1]}" height="{sheet.shape[0]}"'
    return f'<img class="dm-strip" src="{png_url(sheet)}" {size} alt="{escape(alt, quote=True)}">'


def png_url(picture: DisplayImages) -> str:
    """A picture, uint8 [height, width, 4], as an address that holds it: nothing is left to be asked for.

    A file of Streamlit's is gone once the page is left, and a browser that asks then meets a 404.
    """
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"

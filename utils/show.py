"""Show a figure in few colours: a quarter of the bytes, for chapters with many."""

import io

import matplotlib.pyplot as plt
from IPython.display import Image, display
from PIL import Image as Picture


def small_png(figure, colours=64):
    """The figure as the bytes of a PNG with a palette."""
    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", bbox_inches="tight")
    Picture.open(full).convert("RGB").quantize(colours).save(
        small, "png", optimize=True
    )
    return small.getvalue()


def show():
    """Show the current figure, as `plt.show` does."""
    figure = plt.gcf()
    display(Image(small_png(figure)))
    plt.close(figure)

"""Shows matplotlib's figures on the person's screen: a backend that the program finds when it has chosen none.

Nothing happens until the program imports matplotlib.pyplot. A figure goes to the screen as pixels in marks among the output: its size and
name, then its colours, compressed, in pieces. The screen takes what it is told to be a picture and nothing more: see picture-marks.ts.
"""

import os
import sys

NAME = "classh_plots"
MAX_WIDTH, MAX_HEIGHT = 800, 600
# Of the compressed pixels: what is not a drawing (noise) is made smaller until it fits.
MAX_BYTES = 192 << 10
PIECE = 2400
LONGEST_NAME = 100


class Finder:
    """Finds the backend."""

    def __init__(self, mark, load, spec_of):
        self.mark = mark
        self.load = load
        self.spec_of = spec_of

    def find_spec(self, name):
        if name == NAME:
            return self.spec_of(NAME, self)
        if name == "matplotlib.pyplot":
            choose_backend(sys.modules.get("matplotlib"), os.environ)
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        make_backend(module, self.mark, self.load)


def choose_backend(matplotlib, environ):
    """Only where neither the program nor the person's settings have chosen one; Debian's settings ask for windows, which there are not."""
    try:
        settings, before = matplotlib.rcParams, matplotlib.rcParamsOrig
        chosen = dict.__getitem__(settings, "backend")
        is_systems = not isinstance(chosen, str) or matplotlib.matplotlib_fname().startswith(("/etc/", "/usr/"))
        if is_systems and chosen == dict.__getitem__(before, "backend") and "MPLBACKEND" not in environ:
            settings["backend"] = f"module://{NAME}"
    except Exception:
        pass  # a module of the student's with that name, or another matplotlib than we know


def make_backend(module, mark, load):
    bases = load("matplotlib.backend_bases")
    agg = load("matplotlib.backends.backend_agg")
    gcf = load("matplotlib._pylab_helpers").Gcf

    class FigureCanvas(agg.FigureCanvasAgg):
        def print_figure(self, filename, *args, **options):
            result = super().print_figure(filename, *args, **options)
            if isinstance(filename, (str, os.PathLike)):
                send(self.figure, os.path.basename(os.fspath(filename)), mark, load)
            return result

    class FigureManager(bases.FigureManagerBase):
        def show(self):
            send(self.canvas.figure, "", mark, load)

    def show(*args, **options):
        # As where there are windows: the program goes on when they are closed, and they are gone.
        for manager in gcf.get_all_fig_managers():
            manager.show()
        gcf.destroy_all()

    FigureCanvas.manager_class = FigureManager
    FigureManager.pyplot_show = staticmethod(show)
    for item in (FigureCanvas, FigureManager):
        item.__module__, item.__qualname__ = NAME, item.__name__
    module.FigureCanvas = FigureCanvas
    module.FigureManager = FigureManager
    module.show = show


def send(figure, name, mark, load):
    width, height, pixels = drawn(figure, load)
    base64 = load("base64")
    text = base64.b64encode(pixels).decode()
    if not isinstance(name, str):
        name = name.decode("utf-8", "replace")
    name = name[:LONGEST_NAME].encode("utf-8", "replace").hex()
    mark(f"picture;{width};{height};{len(text)};{name}")
    for start in range(0, len(text), PIECE):
        mark(f"pixels;{text[start:start + PIECE]}")


def drawn(figure, load):
    """Width, height and the compressed colours of a figure."""
    numpy = load("numpy")
    zlib = load("zlib")
    agg = load("matplotlib.backends.backend_agg")
    canvas, dpi = figure.canvas, figure.dpi
    width, height = figure.get_size_inches() * dpi
    scale = min(1, MAX_WIDTH / max(width, 1), MAX_HEIGHT / max(height, 1))
    try:
        # Another canvas makes itself the figure's, and a size in dots may be one that a window has.
        picture = agg.FigureCanvasAgg(figure)
        if scale < 1:
            figure._set_dpi(dpi * scale, forward=False)
        picture.draw()
        colours = numpy.asarray(picture.buffer_rgba()).astype("uint16")
    finally:
        figure._set_dpi(dpi, forward=False)
        figure.set_canvas(canvas)
    # On white, where it is transparent.
    opacity = colours[..., 3:]
    pixels = ((colours[..., :3] * opacity + 255 * (255 - opacity)) // 255).astype("uint8")
    while True:
        height, width = pixels.shape[:2]
        packed = zlib.compress(pixels.tobytes(), 6)
        if len(packed) <= MAX_BYTES or min(width, height) < 32:
            return width, height, packed
        pixels = pixels[::2, ::2]


def install(mark, load, importer):
    """
    Within the first of Python's own finders, importlib's, which looks at no files: sys.meta_path is as python3 has it, and no frame of ours
    is there while a module is looked for or runs.
    """
    builtin = importer.BuiltinImporter
    finder, find_builtin = Finder(mark, load, importer.ModuleSpec), builtin.find_spec

    def find_spec(fullname, path=None, target=None):
        return finder.find_spec(fullname) or find_builtin(fullname, path, target)

    builtin.find_spec = staticmethod(find_spec)

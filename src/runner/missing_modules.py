"""Says what a teacher has to install, where a well-known module is missing on the server."""

# Debian's packages, by the name under which a module is imported.
PACKAGES = {
    "PIL": "python3-pil",
    "bs4": "python3-bs4",
    "cv2": "python3-opencv",
    "lxml": "python3-lxml",
    "matplotlib": "python3-matplotlib",
    "networkx": "python3-networkx",
    "numpy": "python3-numpy",
    "openpyxl": "python3-openpyxl",
    "pandas": "python3-pandas",
    "pytest": "python3-pytest",
    "requests": "python3-requests",
    "scipy": "python3-scipy",
    "seaborn": "python3-seaborn",
    "sklearn": "python3-sklearn",
    "statsmodels": "python3-statsmodels",
    "sympy": "python3-sympy",
    "yaml": "python3-yaml",
}
MAX_CAUSES = 10


def missing_sentence(error):
    """For an error because a module of the table is not installed; otherwise None."""
    for _ in range(MAX_CAUSES):
        if isinstance(error, ModuleNotFoundError) and isinstance(error.name, str):
            package = PACKAGES.get(error.name)
            return package and f"{error.name} is not installed here. Ask your teacher to install {package} on the server."
        error = error.__cause__ or error.__context__
        if error is None:
            return None

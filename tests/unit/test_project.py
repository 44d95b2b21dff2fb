"""What holds for the project as a whole: which way imports run, its locks, what it may contain."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from fer_core.benchmark.packages import ADAPTERS

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXPORTED_NAMES = {
    "Analyzer",
    "Classifier",
    "DatasetError",
    "Detections",
    "FaceResult",
    "Faces",
    "FerError",
    "FrameResult",
    "ImageAnalysis",
    "InputRejected",
    "LiveSession",
    "ModelError",
    "ModelStore",
    "analyze_image",
    "create_detector",
    "decode_image",
    "list_models",
    "load_analyzer",
    "load_classifier",
    "read_image",
}
LOCKS = ("requirements.txt", "requirements-dev.txt")
PICTURES = {".bmp", ".gif", ".jpeg", ".jpg", ".mov", ".mp4", ".png", ".tif", ".tiff", ".webp"}
DISTRIBUTION_OF = {  # where the name to import is not the name to install
    "PIL": "pillow",
    "cv2": "opencv-python-headless",
    "google": "protobuf",
    "imblearn": "imbalanced-learn",
    "sklearn": "scikit-learn",
}
OPTIONAL_BACKENDS = {"jax", "torch"}  # imported by training only where Keras runs on them
OWN_PACKAGES = {"app", "pages", "benchmarks", "fer_core", "tests", "training"}

# The arrows of docs/decisions/0005: a module of the one never imports any of the others.
FORBIDDEN_IMPORTS = {
    "fer_core": ("streamlit", "streamlit_webrtc", "app", "pages", "training"),
    "fer_core/evaluation": ("plotly", "fer_core.plots"),
    "training": ("streamlit", "streamlit_webrtc", "app", "pages"),
    # Nor does a page open a model file itself: what a visitor sends is a picture, a clip or a log.
    "pages": ("app", "training", "fer_core.zoo.importing", "keras", "tensorflow", "h5py", "pickle"),
    "app.py": ("training",),
}


def modules_under(place: str) -> list[Path]:
    path = ROOT / place
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


def imported_modules(file: Path) -> set[str]:
    """Everything a file imports, inside functions too; `from a import b` gives `a` and `a.b`."""
    imported: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module)
            imported.update(f"{node.module}.{alias.name}" for alias in node.names)
    return imported


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False, text=True
    )
    if listing.returncode:
        pytest.skip("not a git checkout, so what belongs to the project is not known")
    files = [ROOT / name for name in listing.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


def applicable(requirements: list[str]) -> list[Requirement]:
    parsed = [Requirement(line) for line in requirements]
    return [each for each in parsed if each.marker is None or each.marker.evaluate()]


def locked_hashes(lock: str) -> dict[str, list[str]]:
    """Each requirement of a lock as it stands there, with the checksums of its files."""
    lines = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", "").splitlines()
    wholes = [line.split("--hash=") for line in lines if line and not line.lstrip().startswith("#")]
    return {whole[0].strip(): [each.strip() for each in whole[1:]] for whole in wholes}


def locked_requirements(lock: str) -> list[str]:
    return list(locked_hashes(lock))


def locked_versions(lock: str) -> dict[str, str]:
    """Name to version of what a lock installs on this Python and system."""
    return {
        canonicalize_name(each.name): str(each.specifier).removeprefix("==")
        for each in applicable(locked_requirements(lock))
    }


@pytest.mark.parametrize("place", FORBIDDEN_IMPORTS)
def test_imports_run_one_way(place: str) -> None:
    modules = modules_under(place)
    assert modules, f"{place} has moved; the table of arrows must follow"
    for module in modules:
        for name in imported_modules(module):
            for forbidden in FORBIDDEN_IMPORTS[place]:
                assert not f"{name}.".startswith(f"{forbidden}."), f"{module} imports {name}"


def private_uses(file: Path) -> list[str]:
    """What a file takes from within another library: its inner modules, and names with `_`."""
    found = [name for name in imported_modules(file) if name.startswith("streamlit.runtime")]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Attribute) or not node.attr.startswith("_"):
            continue
        owner = ast.unparse(node.value)
        if not node.attr.startswith("__") and owner.split(".")[-1] not in ("self", "cls"):
            found.append(f"{owner}.{node.attr}")
    return found


def test_private_parts_of_libraries_are_used_in_one_place() -> None:
    users = {file.parent.name for file in modules_under("pages") if private_uses(file)}
    assert users == {"compat"}
    assert private_uses(ROOT / "app.py") == []


def cached_functions(file: Path) -> list[tuple[ast.FunctionDef, bool]]:
    """The functions whose results Streamlit keeps, and whether only for one visit."""
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        for decorator in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if "st.cache_" in (text := ast.unparse(decorator)):
                assert isinstance(node, ast.FunctionDef)
                found.append((node, "scope='session'" in text))
    return found


def test_caches_of_all_visitors_are_given_no_pictures() -> None:
    found = [each for module in modules_under("pages") for each in cached_functions(module)]
    assert any(of_one_visit for _, of_one_visit in found)
    for function, of_one_visit in found:
        takes = ast.unparse(function.args)
        assert of_one_visit or not re.search(r"bytes|NDArray|Picked|Upload|Feed", takes), takes


def test_exported_names_change_only_on_purpose() -> None:
    import fer_core

    assert set(fer_core.__all__) == EXPORTED_NAMES
    assert all(hasattr(fer_core, name) for name in EXPORTED_NAMES)


def test_importing_the_library_stays_light() -> None:
    heavy = [
        "av",
        "imblearn",
        "keras",
        "pandas",
        "plotly",
        "scipy",
        "sklearn",
        "streamlit",
        "tensorflow",
    ]
    code = f"import sys, fer_core; print([name for name in {heavy} if name in sys.modules])"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert result.stdout.strip() == "[]"


def test_every_import_is_a_declared_dependency() -> None:
    project = PROJECT["project"]
    lines = sum(project["optional-dependencies"].values(), project["dependencies"])
    declared = {canonicalize_name(Requirement(line).name) for line in lines}
    for place in ("fer_core", "training", "pages", "app.py"):
        for module in set(modules_under(place)) - set(ADAPTERS.values()):  # run by another Python
            tops = {name.partition(".")[0] for name in imported_modules(module)}
            for top in tops - OWN_PACKAGES - OPTIONAL_BACKENDS - sys.stdlib_module_names:
                distribution = canonicalize_name(DISTRIBUTION_OF.get(top, top))
                assert distribution in declared, f"pyproject.toml lacks {top}, see {module}"


def test_development_brings_what_training_alone_needs() -> None:
    extra = PROJECT["project"]["optional-dependencies"]["training"]
    assert set(extra) <= set(PROJECT["dependency-groups"]["dev"])
    app = locked_versions("requirements.txt")
    assert not {canonicalize_name(Requirement(line).name) for line in extra} & set(app)


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_satisfy_every_direct_dependency(lock: str) -> None:
    direct = list(PROJECT["project"]["dependencies"])
    if lock == "requirements-dev.txt":
        direct += PROJECT["dependency-groups"]["dev"]
    versions = locked_versions(lock)
    for requirement in applicable(direct):
        version = versions.get(canonicalize_name(requirement.name))
        assert version is not None, f"{lock} lacks {requirement.name}: run `make lock`"
        assert version in requirement.specifier, f"{lock} is behind on {requirement}"


def test_the_development_lock_holds_the_apps_lock() -> None:
    app, development = (
        {line.partition(";")[0].strip(): hashes for line, hashes in locked_hashes(lock).items()}
        for lock in LOCKS
    )
    assert app.items() <= development.items()


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_name_no_address_and_a_single_opencv(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert set(re.findall(r"--[\w-]+", text)) == {"--hash"}
    opencvs = {name for name in locked_versions(lock) if name.startswith("opencv")}
    assert opencvs == {"opencv-python-headless"}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_file_has_its_checksum(lock: str) -> None:
    for requirement, hashes in locked_hashes(lock).items():
        assert hashes, f"{lock}: {requirement} has none: run `make lock`"
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", each) for each in hashes)


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    personal = re.compile(r"(?<![\w.:/~-])/(?:home|root|work|Users|mnt|media)/\w|[A-Z]:\\Users")
    for file in tracked_files():
        if file.suffix in {".keras", ".npz", ".onnx", ".parquet", *PICTURES}:
            continue
        found = personal.search(file.read_text(encoding="utf-8"))
        assert found is None, f"{file} contains {found and found.group()}"


def test_pictures_are_screenshots_or_average_faces() -> None:
    allowed = (ROOT / "docs" / "screenshots", ROOT / "fer_core" / "assets" / "average_faces")
    pictures = [file for file in tracked_files() if file.suffix.lower() in PICTURES]
    strays = [file for file in pictures if not any(place in file.parents for place in allowed)]
    assert not strays


def test_the_repository_stays_light() -> None:
    sizes = {file: file.stat().st_size for file in tracked_files()}
    assert max(sizes.values()) < 45_000_000
    models = sum(size for file, size in sizes.items() if ROOT / "models" in file.parents)
    assert models < 120_000_000

"""Datasets that are folders of pictures, one folder per class, with or without split folders."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from fer_core.errors import DatasetError
from fer_core.files import listed, readable_photos
from fer_core.labels import FERPLUS, canonical_label
from fer_core.preprocessing import PreprocessingConfig, stages
from training.datasets.dataset import IMAGE_SIZE, FaceDataset, Split
from training.datasets.duplicates import image_digests
from training.datasets.holdout import hold_out
from training.datasets.pictures import (
    files_below,
    is_hidden,
    is_picture,
    list_files,
    named,
    read_picture,
    suffix_counts,
)

SPLIT_FOLDERS: Final[dict[Split, tuple[str, ...]]] = {
    "train": ("train", "training"),
    "valid": ("valid", "validation", "val", "dev", "publictest", "public_test"),
    "test": ("test", "testing", "privatetest", "private_test"),
}

_RESIZE: Final = PreprocessingConfig(size=IMAGE_SIZE)
_CKPLUS_NAME: Final = re.compile(r"(S\d{3})_\d{3}_\d{8}")


@dataclass(frozen=True)
class _Picture:
    path: Path
    label: str
    split: Split


def read_folders(root: Path) -> FaceDataset:
    """Reads folders of pictures: `<split>/<class>/*.jpg` or `<class>/*.png`.

    Split folders are named train, valid (or validation, val, dev, PublicTest) and test (or
    PrivateTest), in `root` or in its folder `images`. Class folders are named after emotions
    (`fer_core.labels.emotions.canonical_label`) and may have subfolders. A missing split is held
    out from the training pictures: a tenth of each class, always the same pictures, with identical
    pictures kept together; pictures named as in CK+ (`S005_001_00000011`) are held out by whole
    subjects. `notes` states when that was done.

    Pictures must be square. They are converted to gray and resized to 48x48 by the same function
    as in the app, so larger face pictures are fine; a picture that is not square is an error,
    because resizing would distort the face. Files that are not read are counted and named in
    `notes`, except for system files such as `.DS_Store`.

    Args:
        root: the folder.

    Returns:
        Rows ordered by path, numbered by `row_id`, with the classes that were found, in the order
        of `fer_core.labels.emotions.FERPLUS`.

    Raises:
        DatasetError: a folder or picture is missing, unknown or unreadable; the message names it.
    """
    top = _top_folder(root)
    split_folders, unread = _find_split_folders(top)
    pictures: list[_Picture] = []
    others: list[Path] = []
    for name, folder in split_folders.items():
        own, beside = _list_pictures(folder, name)
        pictures += own
        others += beside
    pictures.sort(key=lambda picture: picture.path.as_posix())
    label_names = _label_names(pictures, root)
    notes = [
        *(f"Not read: the folder {folder}." for folder in unread),
        *_notes_on_files(top, [top, *split_folders.values()], others, len(pictures)),
        *_notes_on_classes(split_folders, pictures),
    ]
    images = np.stack([_read_gray(picture.path) for picture in pictures])
    labels = np.array([label_names.index(picture.label) for picture in pictures], np.int64)
    split = np.array([picture.split for picture in pictures], dtype="<U5")
    missing: list[Split] = [name for name in ("test", "valid") if name not in split_folders]
    if missing:
        groups, unit = _groups(pictures, images)
        for name in missing:
            split = _set_aside(split, labels, groups, name)
            done = (
                f"a tenth of the training {unit} of each class was held out for it, always the "
                "same ones."
                if name in split
                else f"no class has enough {unit} to hold any out for it."
            )
            notes.append(f"{root} has no {name} split: {done}")
    return FaceDataset(
        name=root.resolve().name,
        images=images,
        labels=labels,
        label_names=label_names,
        split=split,
        row_id=np.arange(len(pictures), dtype=np.int64),
        notes=tuple(notes),
    )


def _top_folder(root: Path) -> Path:
    names = {folder.name.lower() for folder in _folders_in(root)}
    return root / "images" if names == {"images"} else root


def _folders_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir() and not is_hidden(path))


def _find_split_folders(top: Path) -> tuple[dict[Split, Path], list[Path]]:
    found: dict[Split, Path] = {}
    unread: list[Path] = []
    for folder in _folders_in(top):
        split = next(
            (s for s, names in SPLIT_FOLDERS.items() if folder.name.lower() in names), None
        )
        if split is None:
            unread.append(folder)
        elif split in found:
            raise DatasetError(f"Two folders hold the {split} split: {found[split]} and {folder}.")
        else:
            found[split] = folder
    if not found:
        return {"train": top}, []
    if "train" not in found:
        raise DatasetError(
            f"{top}: the train split is missing. Expected a folder train. "
            f"Received: {', '.join(folder.name for folder in found.values())}"
        )
    return found, unread


def _list_pictures(folder: Path, split: Split) -> tuple[list[_Picture], list[Path]]:
    """The pictures in the class folders of one split, and the other files there."""
    class_folders = _folders_in(folder)
    if not class_folders:
        raise DatasetError(
            f"{folder}: expected one folder per class ({', '.join(FERPLUS)}), or fer2013.csv. "
            f"Received: no folders, {suffix_counts(files_below(folder)) or 'and no files'}"
        )
    pictures: list[_Picture] = []
    others: list[Path] = []
    for class_folder in class_folders:
        label = _label_of(class_folder.name)
        if label is None:
            raise DatasetError(
                f"{class_folder}: unknown class. A class folder is called one of "
                f"{', '.join(FERPLUS)} (or a common synonym). Received: {class_folder.name!r}"
            )
        files = list_files(class_folder)
        if not files.pictures:
            raise DatasetError(
                f"{class_folder}: expected pictures ({listed(readable_photos())}). "
                f"Received: {suffix_counts(files.others) or 'an empty folder'}"
            )
        for file in files.pictures:
            _require_one_class(file, class_folder, label)
        pictures += [_Picture(file, label, split) for file in files.pictures]
        others += files.others
    return pictures, others


def _label_of(folder_name: str) -> str | None:
    try:
        return canonical_label(folder_name)
    except ValueError:
        return None


def _require_one_class(file: Path, class_folder: Path, label: str) -> None:
    for folder in file.relative_to(class_folder).parts[:-1]:
        if _label_of(folder) not in (None, label):
            raise DatasetError(
                f"{file}: expected the folder of one class. Received: {folder!r} within "
                f"{class_folder.name!r}"
            )


def _notes_on_files(
    top: Path, folders: Sequence[Path], others: Sequence[Path], n_pictures: int
) -> list[str]:
    """Notes which files are not read."""
    loose = sorted(
        {
            path
            for folder in folders
            for path in folder.iterdir()
            if is_picture(path) and not is_hidden(path) and not path.is_dir()
        }
    )
    notes = []
    if loose:
        notes.append(
            f"Not read: {len(loose):,} pictures outside of class folders ({named(loose, top)})."
        )
    if others:
        notes.append(
            f"Not read: {len(others):,} files next to the {n_pictures:,} pictures, of unsupported "
            f"types ({suffix_counts(others)}), {named(others, top)}."
        )
    return notes


def _notes_on_classes(
    split_folders: Mapping[Split, Path], pictures: Sequence[_Picture]
) -> list[str]:
    """Notes which folders share a class, and which classes a split lacks."""
    notes = []
    trained = [label for label in FERPLUS if any(p.label == label for p in pictures)]
    for split, folder in split_folders.items():
        names = [class_folder.name for class_folder in _folders_in(folder)]
        for label in trained:
            same = [name for name in names if _label_of(name) == label]
            if len(same) > 1:
                notes.append(f"{folder}: {' and '.join(same)} were read as one class, {label}.")
            elif not same:
                notes.append(f"{folder}: the {split} split has no pictures of {label}.")
    return notes


def _label_names(pictures: Sequence[_Picture], root: Path) -> tuple[str, ...]:
    trained = {picture.label for picture in pictures if picture.split == "train"}
    if untrained := {picture.label for picture in pictures} - trained:
        raise DatasetError(
            f"{root}: every class needs training pictures; the train split has none of "
            f"{', '.join(sorted(untrained))}."
        )
    return tuple(label for label in FERPLUS if label in trained)


def _read_gray(path: Path) -> NDArray[np.uint8]:
    if not path.exists():
        raise DatasetError(
            f"{path}: a link to a missing file. Remove the link, or restore the file."
        )
    image = read_picture(path)
    height, width = image.shape[:2]
    if height != width:
        raise DatasetError(
            f"{path}: expected a square face picture, such as 48x48; crop it to the face first. "
            f"Received: {width}x{height} pixels"
        )
    return stages(image, _RESIZE).resized


def _groups(
    pictures: Sequence[_Picture], images: NDArray[np.uint8]
) -> tuple[NDArray[np.str_], str]:
    """Returns the group of each row that must stay in one split, and the word for such groups."""
    subjects = [_CKPLUS_NAME.fullmatch(picture.path.stem) for picture in pictures]
    if all(subjects):
        return np.array([subject.group(1) for subject in subjects if subject]), "subjects"
    return image_digests(images), "pictures"


def _set_aside(
    split: NDArray[np.str_], labels: NDArray[np.int64], groups: NDArray[np.str_], name: Split
) -> NDArray[np.str_]:
    train = np.flatnonzero(split == "train")
    changed = split.copy()
    changed[train[hold_out(labels[train], groups[train])]] = name
    return changed

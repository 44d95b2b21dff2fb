from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_core.errors import InputRejected
from fer_core.training_logs.tensorboard import is_event_file, masked_crc32c, read_scalars
from tests.event_files import event, event_file, record

SCALARS = {"epoch_loss": {0: 1.5, 1: 1.25}, "epoch_accuracy": {0: 0.5, 300: 0.75}}
TENSORFLOW_WRITES = """
import sys
import numpy as np
import tensorflow as tf
from tensorflow.core.framework.summary_pb2 import SummaryMetadata

metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="scalars"))
with tf.summary.create_file_writer(sys.argv[1]).as_default():
    for step, value in enumerate((1.5, 1.25)):
        tf.summary.write("epoch_loss", np.float32(value), step=step, metadata=metadata)
        tf.summary.write("weights", np.zeros(3, np.float32), step=step)
with tf.Graph().as_default():
    writer = tf.compat.v1.summary.FileWriter(sys.argv[2])
    value = tf.compat.v1.Summary.Value(tag="Loss/train", simple_value=0.5)
    writer.add_summary(tf.compat.v1.Summary(value=[value]), 7)
    writer.close()
"""


@pytest.mark.parametrize("as_tensor", [False, True])
def test_scalars_of_both_kinds_are_read(as_tensor: bool) -> None:
    data = event_file(SCALARS, as_tensor=as_tensor)
    assert is_event_file(data)
    assert read_scalars(data) == SCALARS


def test_the_checksum_is_that_of_its_makers() -> None:
    crc = 0xE3069283  # the check value of CRC-32C
    rotated = (crc >> 15 | crc << 17) & 0xFFFFFFFF
    assert masked_crc32c(b"123456789") == (rotated + 0xA282EAD8) & 0xFFFFFFFF


def test_the_last_value_of_a_step_counts() -> None:
    data = record(event("loss", 1, 2.0)) + record(event("loss", 1, 0.5))
    assert read_scalars(data) == {"loss": {1: 0.5}}


def test_a_record_that_is_still_being_written_is_left_out() -> None:
    whole = event_file({"loss": {1: 0.5}})
    for cut in range(1, len(record(event("loss", 2, 0.25)))):
        more = record(event("loss", 2, 0.25))[:cut]
        assert read_scalars(whole + more) == {"loss": {1: 0.5}}


@pytest.mark.parametrize("place", [3, 20, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    data = bytearray(event_file(SCALARS))
    data[place] ^= 0x01
    with pytest.raises(InputRejected, match="damaged") as caught:
        read_scalars(bytes(data))
    assert caught.value.reason == "corrupt"


def test_a_record_that_is_not_an_event_is_rejected() -> None:
    with pytest.raises(InputRejected, match="not an event"):
        read_scalars(record(b"\xff\xff\xff\xff"))


def test_a_record_of_an_impossible_length_reads_nothing() -> None:
    length = (2**63).to_bytes(8, "little")
    data = length + masked_crc32c(length).to_bytes(4, "little")
    assert read_scalars(data) == {}


@given(st.binary(max_size=200))
def test_other_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(InputRejected):
        assert all(step >= 0 for values in read_scalars(record(data)).values() for step in values)


@pytest.mark.slow
def test_what_tensorflow_writes_is_read(tmp_path: Path) -> None:
    folders = [tmp_path / "v2", tmp_path / "v1"]
    subprocess.run(
        [sys.executable, "-c", TENSORFLOW_WRITES, *map(str, folders)],
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
        check=True,
    )
    second, first = (next(folder.iterdir()).read_bytes() for folder in folders)
    assert read_scalars(second) == {"epoch_loss": {0: 1.5, 1: 1.25}}
    assert read_scalars(first) == {"Loss/train": {7: 0.5}}

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from fer_core.preprocessing.resizing import resize_gray, resize_matrix

SIZES = (1, 2, 7, 31, 44, 47, 48, 49, 50, 64, 95, 96, 97, 113, 224, 480, 481, 1999)

GRAPH = """
<ir_version: 10, opset_import: ["" : 21, "here" : 1]>
resize (uint8[height, width] image, int64 size) => (uint8[m, n] resized) {
    sizes = Shape(image)
    first = Constant<value_int = 0>()
    second = Constant<value_int = 1>()
    height_before = Gather(sizes, first)
    width_before = Gather(sizes, second)
    rows = here.Weights(height_before, size)
    columns = here.Weights(width_before, size)
    columns_down = Transpose(columns)
    pixels = Cast<to = 1>(image)
    sixteen = Constant<value_float = 16.0>()
    half_resized = MatMul(rows, pixels)
    sixteenths = Mul(half_resized, sixteen)
    whole_sixteenths = Round(sixteenths)
    between = Div(whole_sixteenths, sixteen)
    exact = MatMul(between, columns_down)
    rounded = Round(exact)
    resized = Cast<to = 2>(rounded)
}
<domain: "here", opset_import: ["" : 21]>
Weights (source, size) => (weights) {
    zero = Constant<value_int = 0>()
    one = Constant<value_int = 1>()
    nothing = Constant<value_float = 0.0>()
    half = Constant<value_float = 0.5>()
    whole = Constant<value_float = 1.0>()
    step_count = Constant<value_float = 2048.0>()
    axis = Constant<value_ints = [1]>()
    edge_count = Add(source, one)
    edge_numbers = Range(zero, edge_count, one)
    edges = Cast<to = 1>(edge_numbers)
    row_numbers = Range(zero, size, one)
    row_floats = Cast<to = 1>(row_numbers)
    rows = Unsqueeze(row_floats, axis)
    source_float = Cast<to = 1>(source)
    size_float = Cast<to = 1>(size)
    scale = Div(source_float, size_float)
    starts = Mul(rows, scale)
    from_start = Sub(edges, starts)
    area = Div(from_start, scale)
    row_centers = Add(rows, half)
    scaled_centers = Mul(row_centers, scale)
    free_centers = Sub(scaled_centers, half)
    last = Sub(source_float, whole)
    centers = Clip(free_centers, nothing, last)
    linear = Sub(edges, centers)
    shrinks = GreaterOrEqual(source, size)
    before = Where(shrinks, area, linear)
    part = Clip(before, nothing, whole)
    in_steps = Mul(part, step_count)
    rounded = Round(in_steps)
    is_first = Equal(edge_numbers, zero)
    with_first = Where(is_first, nothing, rounded)
    is_last = Equal(edge_numbers, source)
    steps = Where(is_last, step_count, with_first)
    from_first = Constant<value_ints = [0]>()
    from_second = Constant<value_ints = [1]>()
    to_last = Constant<value_ints = [-1]>()
    to_end = Constant<value_ints = [9223372036854775807]>()
    upper = Slice(steps, from_second, to_end, axis)
    lower = Slice(steps, from_first, to_last, axis)
    differences = Sub(upper, lower)
    weights = Div(differences, step_count)
}
"""
"""The resize as an ONNX graph, which makes its weights from the image's size."""


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(height).integers(0, 256, (height, width), np.uint8)


@pytest.fixture(scope="module")
def graph() -> onnxruntime.InferenceSession:
    model = onnx.parser.parse_model(GRAPH)
    onnx.checker.check_model(model)
    return onnxruntime.InferenceSession(model.SerializeToString())


@pytest.mark.parametrize("height", SIZES)
def test_an_onnx_graph_gives_the_same_pixels(
    graph: onnxruntime.InferenceSession, height: int
) -> None:
    for width, size in ((height, 48), (77, 48), (height, 32)):
        image = noise(height, width)
        (resized,) = graph.run(None, {"image": image, "size": np.asarray(size)})
        np.testing.assert_array_equal(resized, resize_gray(image, size))


@pytest.mark.parametrize("source", SIZES)
def test_the_weights_of_a_pixel_sum_to_one(source: int) -> None:
    matrix = resize_matrix(source, 48)
    assert matrix.min() >= 0
    np.testing.assert_array_equal(matrix.sum(axis=1), 1)


@pytest.mark.parametrize("source", [48, 60, 97, 480])
def test_shrinking_averages_over_the_area(source: int) -> None:
    image = np.asarray(cv2.GaussianBlur(noise(source, source), (5, 5), 0), np.uint8)
    expected = cv2.resize(image, (48, 48), interpolation=cv2.INTER_AREA)
    assert np.abs(resize_gray(image, 48).astype(int) - expected).max() <= 1


@pytest.mark.parametrize("source", [1, 12, 30, 47])
def test_enlarging_interpolates_between_centers(source: int) -> None:
    image = noise(source, source)
    expected = cv2.resize(image, (48, 48), interpolation=cv2.INTER_LINEAR)
    assert np.abs(resize_gray(image, 48).astype(int) - expected).max() <= 1


def test_no_pixel_of_a_checkerboard_is_picked_for_its_neighbors() -> None:
    checkerboard = (np.indices((480, 480)).sum(axis=0) % 2 * 255).astype(np.uint8)
    assert np.abs(resize_gray(checkerboard, 48).astype(int) - 127).max() <= 1

"""Writes tiny.onnx with ONNX's own library (onnx 1.23.2), for ONNXModelTests."""
import pathlib

import numpy as np
from onnx import TensorProto, helper, numpy_helper

# The graph has the kernel as [KD, KH, KW, I, O] = [1, 1, 1, 2, 3].
kernel = np.arange(6, dtype=np.float32).reshape(1, 1, 1, 2, 3).transpose(4, 3, 0, 1, 2)
bias = np.array([1, -2, 0.5], np.float32)
window = {"kernel_shape": [1, 1, 1], "strides": [1, 1, 1], "pads": [0] * 6, "dilations": [1, 1, 1]}


def node(kind, inputs, name, **attributes):
    made = helper.make_node(kind, inputs, [name], name)
    for key, value in attributes.items():
        made.attribute.append(helper.make_attribute(key, value))
    return made


nodes = [
    node("Conv", ["image", "layer/kernel", "layer/bias"], "layer", **window),
    node("LeakyRelu", ["layer"], "LeakyRelu_9", alpha=0.25),
    node("Softmax", ["LeakyRelu_9"], "Softmax_10", axis=1),
    node("Identity", ["Softmax_10"], "probabilities"),
]
graph = helper.make_graph(
    nodes, "tiny",
    [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 2, "depth", "height", "width"])],
    [helper.make_tensor_value_info("probabilities", TensorProto.FLOAT, ["batch", 3, "depth", "height", "width"])],
    [numpy_helper.from_array(np.ascontiguousarray(kernel), "layer/kernel"), numpy_helper.from_array(bias, "layer/bias")])
model = helper.make_model(
    graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8, producer_name="vnet",
    producer_version="0.1.0", doc_string="Tiny.")
(pathlib.Path(__file__).parent / "tiny.onnx").write_bytes(model.SerializeToString(deterministic=True))

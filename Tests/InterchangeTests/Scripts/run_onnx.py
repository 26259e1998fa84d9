"""Checks an ONNX file and runs it: run_onnx.py ENGINE MODEL INPUT OUTPUT EXTENT ...; files of raw float32."""
import sys

import numpy as np
import onnx

engine, model, source, target, *extents = sys.argv[1:]
onnx.checker.check_model(model, full_check=True)
image = np.fromfile(source, np.float32).reshape([int(extent) for extent in extents])
if engine == "onnxruntime":
    import onnxruntime

    result = onnxruntime.InferenceSession(model).run(["probabilities"], {"image": image})[0]
else:
    import openvino

    compiled = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    result = compiled({"image": image})["probabilities"]
result.astype(np.float32).tofile(target)

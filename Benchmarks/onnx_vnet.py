"""Times an exported model in ONNX Runtime or OpenVINO: peers that `vnet benchmark --mode predict` is compared with.

Usage: python onnx_vnet.py MODEL.onnx --form onnxruntime|openvino [--dtype f32|bf16|int8] [--batch-size 8] [--extent 32]
                           [--warmup-steps 3] [--steps 20] [--threads 2]

MODEL.onnx comes from `vnet export --dynamic-shape`, batch norms folded: the same network, from images in memory to
probabilities in memory. `--dtype int8` quantises weights and activations by NNCF's post-training quantisation with its
own defaults, calibrated on eight images of noise: enough for the speed, not for masks. The median of the steps counts;
prints one line of JSON.
"""

import argparse
import json
import resource
import statistics
import sys
import time

import numpy


def images(options, count):
    generator = numpy.random.default_rng(1)
    shape = (options.batch_size, 1, options.extent, options.extent, options.extent)
    return [generator.standard_normal(shape, dtype=numpy.float32) for _ in range(count)]


def onnxruntime_program(options):
    """The name of the program with its version, and what takes an image to probabilities."""
    import onnxruntime

    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads = options.threads
    session = onnxruntime.InferenceSession(options.model, settings, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return f"ONNX Runtime {onnxruntime.__version__}", lambda image: session.run(None, {name: image})[0]


def openvino_program(options):
    import openvino

    core = openvino.Core()
    model = core.read_model(options.model)
    model.reshape([options.batch_size, 1, options.extent, options.extent, options.extent])
    if options.dtype == "int8":
        import nncf

        model = nncf.quantize(model, nncf.Dataset(images(options, 8)), subset_size=8)
    precision = "bf16" if options.dtype == "bf16" else "f32"
    settings = {
        "INFERENCE_NUM_THREADS": options.threads,
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = core.compile_model(model, "CPU", settings)
    used = compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name()
    if used != precision:
        sys.exit(f"onnx_vnet: OpenVINO computes in {used} here, not in {precision}")
    request, output = compiled.create_infer_request(), compiled.output(0)
    version = openvino.get_version().split("-")[0]
    return f"OpenVINO {version}", lambda image: request.infer([image])[output]


PROGRAMS = {"onnxruntime": onnxruntime_program, "openvino": openvino_program}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--form", choices=list(PROGRAMS), required=True)
    parser.add_argument("--dtype", choices=["f32", "bf16", "int8"], default="f32")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--extent", type=int, default=32)
    parser.add_argument("--warmup-steps", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.form == "onnxruntime" and options.dtype != "f32":
        sys.exit("onnx_vnet: --form onnxruntime needs --dtype f32")

    program, predict = PROGRAMS[options.form](options)
    (image,) = images(options, 1)
    seconds = []
    for index in range(options.warmup_steps + options.steps):
        start = time.perf_counter()
        predict(image)
        if index >= options.warmup_steps:
            seconds.append(time.perf_counter() - start)
    figures = {
        "program": program,
        "form": f"{options.form} {options.dtype}",
        "batchSize": options.batch_size,
        "imagesPerSecond": round(options.batch_size / statistics.median(seconds), 3),
        "peakMemoryKiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    print(json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()

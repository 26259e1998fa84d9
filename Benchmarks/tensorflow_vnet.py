"""Times the `hippocampus` network in TensorFlow: a peer that `vnet benchmark` is compared with.

Usage: python tensorflow_vnet.py [--mode train|predict] [--batch-size 8] [--warmup-steps 2] [--steps 10]
                                 [--threads 2] [--amp]

Keras layers inside one `tf.function`, with oneDNN's kernels. A training step is forward, loss, backward, clipping
by the global norm and centred RMSProp, on the full-size network and one fixed batch of 32^3. `--amp` is Keras's
policy mixed_bfloat16. The median of the steps counts; prints one line of JSON.
"""

import argparse
import json
import os
import resource
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

EXTENT, CLASSES, FILTERS = 32, 3, 16


def norm_relu(x):
    return layers.ReLU()(layers.BatchNormalization(momentum=0.99, epsilon=1e-3)(x))


def conv(x, channels):
    return norm_relu(layers.Conv3D(channels, 3, padding="same")(x))


def block(x, channels):
    y = x
    for _ in range(3):
        y = conv(y, channels)
    return layers.Add()([x, y])


def up(x, channels):
    return norm_relu(layers.Conv3DTranspose(channels, 2, strides=2)(x))


def vnet():
    image = keras.Input((EXTENT, EXTENT, EXTENT, 1))
    x = image + conv(image, FILTERS)
    skips = []
    for level in (1, 2, 3):
        channels = FILTERS << level
        x = norm_relu(layers.Conv3D(channels, 2, strides=2)(x))
        x = block(x, channels)
        skips.append(x)
    for width, skip in ((4 * FILTERS, skips[1]), (2 * FILTERS, skips[0])):
        x = layers.Concatenate()([up(x, width), skip])
        x = block(x, 2 * width)
    logits = layers.Conv3D(CLASSES, 3, padding="same")(up(x, FILTERS))
    return keras.Model(image, layers.Activation("linear", dtype="float32")(logits))


def dice_loss(logits, truth):
    probabilities = tf.nn.softmax(logits)
    total = lambda tensor: tf.reduce_sum(tensor, axis=(1, 2, 3))
    dice = (2 * total(probabilities * truth) + 1e-6) / (total(probabilities) + total(truth) + 1e-6)
    return tf.reduce_sum(1 - tf.reduce_mean(dice, axis=0))


def make_step(model, batch_size, mode):
    image = tf.random.normal((batch_size, EXTENT, EXTENT, EXTENT, 1), seed=1)
    labels = tf.random.uniform((batch_size, EXTENT, EXTENT, EXTENT), 0, CLASSES, tf.int32, seed=1)
    truth = tf.one_hot(labels, CLASSES)
    if mode == "predict":

        @tf.function
        def predict(image):
            return tf.nn.softmax(model(image, training=False))

        return lambda: predict(image).numpy()
    optimizer = keras.optimizers.RMSprop(1e-4, rho=0.9, centered=True, epsilon=1e-10)

    @tf.function
    def train(image, truth):
        with tf.GradientTape() as tape:
            loss = dice_loss(model(image, training=True), truth)
        gradients = tape.gradient(loss, model.trainable_variables)
        gradients, _ = tf.clip_by_global_norm(gradients, 1.0)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        return loss

    return lambda: train(image, truth).numpy()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--mode", choices=["train", "predict"], default="train")
    parser.add_argument("--batch-size", type=int, default=8)
    parser.add_argument("--warmup-steps", type=int, default=2)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--amp", action="store_true")
    options = parser.parse_args()

    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    if options.amp:
        keras.mixed_precision.set_global_policy("mixed_bfloat16")
    model = vnet()
    assert sum(int(tf.size(v)) for v in model.trainable_variables) == 3_599_747
    step = make_step(model, options.batch_size, options.mode)
    seconds = []
    for index in range(options.warmup_steps + options.steps):
        start = time.perf_counter()
        step()
        if index >= options.warmup_steps:
            seconds.append(time.perf_counter() - start)
    figures = {
        "program": f"TensorFlow {tf.__version__}",
        "imagesPerSecond": round(options.batch_size / statistics.median(seconds), 3),
        "peakMemoryKiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

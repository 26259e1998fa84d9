// Passes over channels against plain arithmetic.
#include "reference.h"

static void checkChannels(KernelStorage storage) {
  const ChannelKernel *kernel = channelKernel(set);
  const int64_t voxels = number(1, 70), count = voxels * 16;
  void *x = randomElements(count, storage), *dy = randomElements(count, storage),
       *residual = number(0, 1) ? randomElements(count, storage) : 0;
  void *target = randomElements(count, storage);
  float *parts[7];
  for (int i = 0; i < 7; i++) parts[i] = randomFloats(16);
  const KernelNormalization normalization = {parts[0], parts[1], parts[2]};
  const float *a = parts[3], *b = parts[4], *c = parts[5], *alpha = parts[6];
  const bool isRectified = number(0, 1);
  float sums[4][16];

  double *mean = zeros(16), *squares = zeros(16);
  for (int64_t i = 0; i < count; i++) mean[i % 16] += element(x, storage, i) / (double)voxels;
  for (int64_t i = 0; i < count; i++) squares[i % 16] += pow(element(x, storage, i) - mean[i % 16], 2);
  kernel->moments(storage, x, voxels, sums[0], sums[1]);
  compare("channels, mean", sums[0], KernelFloat32, mean, 16, 1e-4);
  compare("channels, squares", sums[1], KernelFloat32, squares, 16, 1e-4);

  double *y = zeros(count), *dx = zeros(count), *gradients = zeros(16), *products = zeros(16), *total = zeros(16);
  double *prelu = zeros(count), *preluDx = zeros(count), *dalpha = zeros(16);
  for (int64_t i = 0; i < count; i++) {
    const int64_t k = i % 16;
    const double value = element(x, storage, i), slope = element(dy, storage, i), centred = value - parts[0][k];
    const double normalised = parts[1][k] * centred + parts[2][k];
    const double g = isRectified && normalised <= 0 ? 0 : slope;
    y[i] = (isRectified && normalised < 0 ? 0 : normalised) + (residual ? element(residual, storage, i) : 0);
    gradients[k] += g;
    products[k] += g * centred;
    dx[i] = a[k] * g + b[k] * centred + c[k];
    total[k] += dx[i];
    prelu[i] = value > 0 ? value : alpha[k] * value;
    preluDx[i] = value > 0 ? slope : alpha[k] * slope;
    dalpha[k] += value > 0 ? 0 : slope * value;
  }
  kernel->normalise(storage, isRectified, x, &normalization, residual, target, voxels);
  compare("channels, normalising", target, storage, y, count, toleranceOf(storage));
  kernel->gradientSums(storage, isRectified, x, dy, &normalization, voxels, sums[0], sums[1]);
  compare("channels, sums of gradients", sums[0], KernelFloat32, gradients, 16, 1e-4);
  compare("channels, sums of products", sums[1], KernelFloat32, products, 16, 1e-4);
  kernel->gradient(storage, isRectified, x, dy, &normalization, a, b, c, target, voxels, sums[2]);
  compare("channels, gradient", target, storage, dx, count, toleranceOf(storage));
  compare("channels, sum of the gradient", sums[2], KernelFloat32, total, 16, toleranceOf(storage));
  kernel->parametricReLU(storage, x, alpha, target, voxels);
  compare("channels, PReLU", target, storage, prelu, count, toleranceOf(storage));
  kernel->parametricReLUGradient(storage, x, dy, alpha, target, voxels, sums[3]);
  compare("channels, PReLU's gradient", target, storage, preluDx, count, toleranceOf(storage));
  compare("channels, gradient of alpha", sums[3], KernelFloat32, dalpha, 16, 1e-4);
  RELEASE(x, dy, residual, target, parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6]);
}

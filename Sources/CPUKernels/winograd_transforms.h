// The one-dimensional transforms of Winograd's minimal filtering, on vectors of channels.
//
// F(m, r) computes m outputs of a filter of r taps from n = m + r - 1 products:
//
//   y = A^T [(G g) . (B^T d)]      d: n inputs, g: r taps, y: m outputs
//
// and its two gradients by the transposed matrices: the filter gradient is G^T [(B^T d) . (A y)]. Here n = 4
// with the points 0, 1, -1, infinity (m = 2, r = 3), or n = 6 with 0, +-a, +-b, infinity where a = 1/sqrt(2)
// and b = sqrt(2) (m = 4, r = 3 and m = 2, r = 5). With these points rounding errors are a third of those of
// 0, +-1, +-2. A has the powers of the points as rows, G the same with each row divided by the product of the
// point's differences to the others; B follows from the points alone. Sums of a point and its negative share
// their even and odd parts.

static const float pointA = 0.70710678118654752f, pointB = 1.41421356237309505f;
static const float squareA = 0.5f, squareB = 2;
/// 1 / (2 pointA^2 (pointA^2 - pointB^2)) and 1 / (2 pointB^2 (pointB^2 - pointA^2)): what G divides by; for the point 0 it is 1.
static const float divisorA = -2.0f / 3, divisorB = 1.0f / 6;

enum { maximumPoints = 6, maximumTaps = 5, maximumTile = 4 };

/// v = B^T d.
INLINE void transformInput(const int points, const Vector d[], Vector v[]) {
  if (points == 4) {
    v[0] = d[0] - d[2];
    v[1] = d[1] + d[2];
    v[2] = d[2] - d[1];
    v[3] = d[3] - d[1];
    return;
  }
  // The polynomials that vanish at all points but one; pointA^2 pointB^2 = 1.
  const float s = squareA + squareB;
  v[0] = d[0] + d[4] - s * d[2];
  Vector even = d[4] - squareB * d[2], odd = pointA * (d[3] - squareB * d[1]);
  v[1] = even + odd;
  v[2] = even - odd;
  even = d[4] - squareA * d[2];
  odd = pointB * (d[3] - squareA * d[1]);
  v[3] = even + odd;
  v[4] = even - odd;
  v[5] = d[5] + d[1] - s * d[3];
}

/// One row of B^T: the coefficients of d for one point.
INLINE float inputCoefficient(const int points, const int point, const int i) {
  const float s = squareA + squareB;
  const float four[4][4] = {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, -1, 0, 1}};
  const float six[6][6] = {
      {1, 0, -s, 0, 1, 0},          {0, -pointA * squareB, -squareB, pointA, 1, 0}, {0, pointA * squareB, -squareB, -pointA, 1, 0},
      {0, -pointB * squareA, -squareA, pointB, 1, 0},   {0, pointB * squareA, -squareA, -pointB, 1, 0}, {0, 1, 0, -s, 0, 1},
  };
  return points == 4 ? four[point][i] : six[point][i];
}

/// y = A^T m.
INLINE void transformOutput(const int points, const int tile, const Vector m[], Vector y[]) {
  if (points == 4) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] + m[3];
    return;
  }
  const Vector evenA = m[1] + m[2], oddA = pointA * (m[1] - m[2]);
  const Vector evenB = m[3] + m[4], oddB = pointB * (m[3] - m[4]);
  y[0] = m[0] + evenA + evenB;
  y[1] = oddA + oddB;
  if (tile == 2) {
    y[1] += m[5];
    return;
  }
  y[2] = squareA * evenA + squareB * evenB;
  y[3] = squareA * oddA + squareB * oddB + m[5];
}

/// m = A y.
INLINE void transformOutputGradient(const int points, const int tile, const Vector y[], Vector m[]) {
  m[0] = y[0];
  m[points - 1] = y[tile - 1];
  if (points == 4) {
    m[1] = y[0] + y[1];
    m[2] = y[0] - y[1];
    return;
  }
  const bool isLong = tile == 4;
  Vector even = isLong ? y[0] + squareA * y[2] : y[0], odd = pointA * (isLong ? y[1] + squareA * y[3] : y[1]);
  m[1] = even + odd;
  m[2] = even - odd;
  even = isLong ? y[0] + squareB * y[2] : y[0];
  odd = pointB * (isLong ? y[1] + squareB * y[3] : y[1]);
  m[3] = even + odd;
  m[4] = even - odd;
}

/// One row of A: the coefficients of y for one point.
INLINE float outputCoefficient(const int points, const int tile, const int point, const int i) {
  if (point == points - 1) return i == tile - 1;
  if (point == 0) return i == 0;
  const float magnitude = points == 4 ? 1 : point <= 2 ? pointA : pointB;
  const float x = point % 2 == 1 ? magnitude : -magnitude;
  const float powers[4] = {1, x, x * x, x * x * x};
  return powers[i];
}

/// u = G g.
INLINE void transformWeights1D(const int points, const int taps, const Vector g[], Vector u[]) {
  u[0] = g[0];
  u[points - 1] = g[taps - 1];
  if (points == 4) {
    const Vector even = 0.5f * (g[0] + g[2]), odd = 0.5f * g[1];
    u[1] = even + odd;
    u[2] = even - odd;
    return;
  }
  const bool isLong = taps == 5;
  Vector even = g[0] + squareA * g[2], odd = isLong ? g[1] + squareA * g[3] : g[1];
  if (isLong) even += squareA * squareA * g[4];
  even *= divisorA;
  odd *= divisorA * pointA;
  u[1] = even + odd;
  u[2] = even - odd;
  even = g[0] + squareB * g[2];
  odd = isLong ? g[1] + squareB * g[3] : g[1];
  if (isLong) even += squareB * squareB * g[4];
  even *= divisorB;
  odd *= divisorB * pointB;
  u[3] = even + odd;
  u[4] = even - odd;
}

/// g = G^T u.
INLINE void transformWeightGradient(const int points, const int taps, const Vector u[], Vector g[]) {
  if (points == 4) {
    const Vector even = 0.5f * (u[1] + u[2]);
    g[0] = u[0] + even;
    g[1] = 0.5f * (u[1] - u[2]);
    g[2] = even + u[3];
    return;
  }
  const Vector evenA = divisorA * (u[1] + u[2]), oddA = (divisorA * pointA) * (u[1] - u[2]);
  const Vector evenB = divisorB * (u[3] + u[4]), oddB = (divisorB * pointB) * (u[3] - u[4]);
  g[0] = u[0] + evenA + evenB;
  g[1] = oddA + oddB;
  g[2] = squareA * evenA + squareB * evenB;
  if (taps == 5) {
    g[3] = squareA * oddA + squareB * oddB;
    g[4] = squareA * squareA * evenA + squareB * squareB * evenB;
  }
  g[taps - 1] += u[5];
}

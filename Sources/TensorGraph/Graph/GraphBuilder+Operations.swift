// One method per operation, so that a model reads as formulas do.
extension GraphBuilder {
  /// A float32 scalar.
  public mutating func constant(_ value: Double) -> Value {
    constant(value, TensorType(.f32, .scalar))
  }

  public mutating func constant(_ value: Double, _ type: TensorType) -> Value {
    do { return try apply(.constant(value, type)) } catch { preconditionFailure("\(error)") }
  }

  // MARK: Convolution and pooling

  public mutating func convolution(
    _ x: Value, _ weights: Value, _ window: ConvolutionWindow
  ) throws(ShapeError) -> Value {
    try apply(.convolution(window), x, weights)
  }

  /// A transposed convolution: the input gradient of the convolution that maps a tensor of `outputShape` to
  /// one like x. The weights are `[KD, KH, KW, O, I]`, where I are the channels of x.
  public mutating func transposedConvolution(
    _ x: Value, _ weights: Value, _ window: ConvolutionWindow, outputShape: Shape
  ) throws(ShapeError) -> Value {
    try apply(.convolutionInputGradient(window, inputShape: outputShape), x, weights)
  }

  public mutating func maxPool(_ x: Value, _ window: PoolingWindow) throws(ShapeError) -> Value {
    try apply(.maxPool(window), x)
  }

  // MARK: Normalisation and activation

  public mutating func biasAdd(_ x: Value, _ bias: Value) throws(ShapeError) -> Value {
    try apply(.biasAdd, x, bias)
  }

  public mutating func batchNormTraining(
    _ x: Value, scale: Value, offset: Value, epsilon: Double
  ) throws(ShapeError) -> (y: Value, mean: Value, variance: Value) {
    let results = try apply(.batchNormTraining(epsilon: epsilon), [x, scale, offset])
    return (results[0], results[1], results[2])
  }

  public mutating func batchNormInference(
    _ x: Value, scale: Value, offset: Value, mean: Value, variance: Value, epsilon: Double
  ) throws(ShapeError) -> Value {
    try apply(.batchNormInference(epsilon: epsilon), x, scale, offset, mean, variance)
  }

  public mutating func relu(_ x: Value) throws(ShapeError) -> Value { try apply(.relu, x) }

  public mutating func prelu(_ x: Value, alpha: Value) throws(ShapeError) -> Value {
    try apply(.prelu, x, alpha)
  }

  public mutating func softmax(_ x: Value) throws(ShapeError) -> Value { try apply(.softmax, x) }

  // MARK: Element by element

  public mutating func add(_ x: Value, _ y: Value) throws(ShapeError) -> Value {
    try apply(.binary(.add), x, y)
  }

  public mutating func subtract(_ x: Value, _ y: Value) throws(ShapeError) -> Value {
    try apply(.binary(.subtract), x, y)
  }

  public mutating func multiply(_ x: Value, _ y: Value) throws(ShapeError) -> Value {
    try apply(.binary(.multiply), x, y)
  }

  public mutating func divide(_ x: Value, _ y: Value) throws(ShapeError) -> Value {
    try apply(.binary(.divide), x, y)
  }

  public mutating func maximum(_ x: Value, _ y: Value) throws(ShapeError) -> Value {
    try apply(.binary(.maximum), x, y)
  }

  public mutating func minimum(_ x: Value, _ y: Value) throws(ShapeError) -> Value {
    try apply(.binary(.minimum), x, y)
  }

  public mutating func unary(_ function: UnaryFunction, _ x: Value) throws(ShapeError) -> Value {
    try apply(.unary(function), x)
  }

  public mutating func squareRoot(_ x: Value) throws(ShapeError) -> Value { try apply(.unary(.sqrt), x) }

  public mutating func compare(
    _ x: Value, _ comparison: Comparison, _ y: Value
  ) throws(ShapeError) -> Value {
    try apply(.compare(comparison), x, y)
  }

  public mutating func select(
    _ predicate: Value, _ whenTrue: Value, _ whenFalse: Value
  ) throws(ShapeError) -> Value {
    try apply(.select, predicate, whenTrue, whenFalse)
  }

  public mutating func cast(_ x: Value, to dtype: DType) throws(ShapeError) -> Value {
    try apply(.cast(dtype), x)
  }

  // MARK: Shape

  public mutating func concatenate(_ parts: [Value], axis: Int) throws(ShapeError) -> Value {
    try apply(.concatenate(axis: axis), parts)[0]
  }

  public mutating func slice(_ x: Value, start: [Int], limit: [Int]) throws(ShapeError) -> Value {
    try apply(.slice(start: start, limit: limit), x)
  }

  public mutating func pad(_ x: Value, before: [Int], after: [Int]) throws(ShapeError) -> Value {
    try apply(.pad(before: before, after: after), x)
  }

  public mutating func reshape(_ x: Value, to shape: Shape) throws(ShapeError) -> Value {
    try apply(.reshape(shape), x)
  }

  public mutating func transpose(_ x: Value, _ permutation: [Int]) throws(ShapeError) -> Value {
    try apply(.transpose(permutation), x)
  }

  public mutating func broadcast(_ x: Value, to shape: Shape, axes: [Int]) throws(ShapeError) -> Value {
    try apply(.broadcast(shape, axes: axes), x)
  }

  public mutating func reduceSum(_ x: Value, axes: [Int]) throws(ShapeError) -> Value {
    try apply(.reduceSum(axes: axes), x)
  }

  /// The sum of all elements, a scalar.
  public mutating func reduceSum(_ x: Value) throws(ShapeError) -> Value {
    try reduceSum(x, axes: Array(0..<shape(of: x).rank))
  }

  public mutating func oneHot(
    _ x: Value, depth: Int, dtype: DType = .f32
  ) throws(ShapeError) -> Value {
    try apply(.oneHot(depth: depth, dtype), x)
  }

  public mutating func argmax(_ x: Value, axis: Int) throws(ShapeError) -> Value {
    try apply(.argmax(axis: axis), x)
  }
}

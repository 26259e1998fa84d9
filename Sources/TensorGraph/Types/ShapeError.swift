/// Why an operation cannot take its operands.
public enum ShapeError: Error, Equatable, CustomStringConvertible {
  case wrongOperandCount(operation: String, expected: Int, found: Int)
  case wrongRank(operation: String, expected: Int, found: Shape)
  case wrongDType(operation: String, expected: String, found: DType)
  case shapeMismatch(operation: String, Shape, Shape)
  case dtypeMismatch(operation: String, DType, DType)
  case channelMismatch(operation: String, input: Int, expected: Int)
  case kernelExceedsInput(kernel: Int, input: Int)
  case invalidWindow(operation: String, WindowAxis)
  case axisOutOfRange(operation: String, axis: Int, rank: Int)
  case invalidBounds(operation: String, Shape, [Int], [Int])
  case elementCountMismatch(operation: String, Shape, Shape)
  case notAPermutation(operation: String, [Int])

  public var description: String {
    switch self {
    case .wrongOperandCount(let operation, let expected, let found):
      "\(operation) takes \(expected) operands, not \(found)"
    case .wrongRank(let operation, let expected, let found):
      "\(operation) takes a tensor of rank \(expected), not \(found)"
    case .wrongDType(let operation, let expected, let found):
      "\(operation) takes \(expected), not \(found.rawValue)"
    case .shapeMismatch(let operation, let lhs, let rhs):
      "\(operation) cannot combine shapes \(lhs) and \(rhs)"
    case .dtypeMismatch(let operation, let lhs, let rhs):
      "\(operation) cannot combine dtypes \(lhs.rawValue) and \(rhs.rawValue)"
    case .channelMismatch(let operation, let input, let expected):
      "\(operation) expects \(expected) channels, not \(input)"
    case .kernelExceedsInput(let kernel, let input):
      "a kernel that spans \(kernel) voxels does not fit into \(input) padded voxels"
    case .invalidWindow(let operation, let axis):
      "\(operation) cannot take stride \(axis.stride), padding \(axis.before) and \(axis.after), "
        + "dilation \(axis.dilation)"
    case .axisOutOfRange(let operation, let axis, let rank):
      "\(operation) names axis \(axis) of a tensor of rank \(rank)"
    case .invalidBounds(let operation, let shape, let first, let second):
      "\(operation) cannot take bounds \(first) and \(second) on shape \(shape)"
    case .elementCountMismatch(let operation, let lhs, let rhs):
      "\(operation) cannot turn shape \(lhs) into \(rhs): the numbers of elements differ"
    case .notAPermutation(let operation, let axes):
      "\(operation) needs each axis once, not \(axes)"
    }
  }
}

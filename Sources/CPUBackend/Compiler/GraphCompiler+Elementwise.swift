import TensorGraph

extension GraphCompiler {
  // MARK: Operands of our own kernels

  /// The type in which our kernels compute a value: float32 for the half-precision dtypes.
  func kernelType(of value: Value) -> TensorType {
    let type = type(of: value)
    return type.dtype.isFloatingPoint ? TensorType(.f32, type.shape) : type
  }

  /// Gives `body` a row-major buffer of the kernel type for a result, rounded to the value's dtype afterwards.
  func withKernelResult(_ value: Value, _ body: (BufferID) throws -> Void) throws {
    let layout = MemoryDescriptor(rowMajor: kernelType(of: value))
    guard kernelType(of: value) != type(of: value) else { return try body(define(value)) }
    let wide = makeBuffer(layout.byteCount)
    try body(wide)
    let (from, to) = (kernelType(of: value).dtype, type(of: value).dtype)
    appendCast("round", from, to, elementCount(value), wide, define(value))
  }

  func appendCast(
    _ name: String, _ from: DType, _ to: DType, _ count: Int, _ source: BufferID, _ target: BufferID
  ) {
    append(name, "kernel, \(from.rawValue) to \(to.rawValue)", reads: [source], writes: [target]) {
      addresses in
      let (x, out) = (addresses(source), addresses(target))
      return { castElements(from, to, count, x, out) }
    }
  }

  func elementCount(_ value: Value) -> Int { type(of: value).shape.elementCount }

  func isScalar(_ value: Value) -> Bool { type(of: value).shape.rank == 0 }

  // MARK: Constants

  /// A scalar is put off until somebody asks for it.
  func compileConstant(_ node: Node, _ number: Double) throws {
    if !isScalar(node.result) { try fill(node.result, number) }
  }

  func materializeConstant(_ number: Double, _ value: Value) throws -> Located {
    try fill(value, number)
    return try home(value)
  }

  private func fill(_ value: Value, _ number: Double) throws {
    let dtype = type(of: value).dtype
    let count = elementCount(value)
    try withKernelResult(value) { out in
      append("constant", "fill", reads: [], writes: [out]) { addresses in
        let address = addresses(out)
        return {
          switch dtype {
          case .f32, .bf16, .f16:
            address.assumingMemoryBound(to: Float.self).update(repeating: Float(number), count: count)
          case .i32:
            address.assumingMemoryBound(to: Int32.self).update(repeating: Int32(number), count: count)
          case .bool:
            address.assumingMemoryBound(to: UInt8.self).update(repeating: number != 0 ? 1 : 0, count: count)
          }
        }
      }
    }
  }

  // MARK: Unary

  func compileUnary(_ node: Node, _ function: UnaryFunction) throws {
    let x = try kernelOperand(node.operands[0])
    let count = elementCount(node.result)
    try withKernelResult(node.result) { out in
      append(function.rawValue, "kernel", reads: [x], writes: [out]) { addresses in
        let source = UnsafePointer(addresses.floats(x))
        if function == .isFinite {
          let truths = addresses(out).assumingMemoryBound(to: UInt8.self)
          return { mapElements(count, source, into: truths) { $0.isFinite ? 1 : 0 } }
        }
        let target = addresses.floats(out)
        return { function.apply(count, source, into: target) }
      }
    }
  }

  // MARK: Binary

  func compileBinary(_ node: Node, _ function: BinaryFunction) throws {
    let (a, b) = (node.operands[0], node.operands[1])
    if let layout = try commonLayout(a, b, function) {
      return try compileBinary(node, function, as: layout)
    }
    let (x, y) = (try kernelOperand(a), try kernelOperand(b))
    let count = elementCount(node.result)
    let (isScalarX, isScalarY) = (isScalar(a), isScalar(b))
    let isInteger = type(of: a).dtype == .i32
    try withKernelResult(node.result) { out in
      append(function.rawValue, "kernel", reads: [x, y], writes: [out]) { addresses in
        let (first, second, target) = (addresses(x), addresses(y), addresses(out))
        if isInteger {
          let out = target.assumingMemoryBound(to: Int32.self)
          return {
            function.apply(
              count, .init(first, isScalar: isScalarX), .init(second, isScalar: isScalarY), into: out)
          }
        }
        let out = target.assumingMemoryBound(to: Float.self)
        return {
          function.apply(
            count, .init(first, isScalar: isScalarX), .init(second, isScalar: isScalarY), into: out)
        }
      }
    }
  }

  /// The physical layout in which two whole tensors of float32, or of bfloat16 in blocks, can be combined element by
  /// element; nil where they have to be row-major.
  private func commonLayout(
    _ a: Value, _ b: Value, _ function: BinaryFunction
  ) throws -> MemoryDescriptor? {
    let dtype = type(of: a).dtype
    guard dtype == .f32 || dtype == .bf16, !isScalar(a), !isScalar(b) else { return nil }
    let candidates = try [a, b].filter { !isOpen($0) }.map { try home($0).layout }
    let layout = try candidates.first { $0.isBlocked } ?? home(a).layout
    guard dtype == .f32 || layout.isBlocked else { return nil }
    return layout.isPadded && !function.keepsZeros ? nil : layout
  }

  private func compileBinary(
    _ node: Node, _ function: BinaryFunction, as layout: MemoryDescriptor
  ) throws {
    let x = try located(node.operands[0], as: layout)
    let y = try located(node.operands[1], as: layout)
    let out = define(node.result, as: layout)
    let count = layout.paddedElementCount
    append(function.rawValue, "kernel, \(layout.layoutSummary)", reads: [x, y], writes: [out]) { addresses in
      let (first, second, target) = (addresses(x), addresses(y), addresses(out))
      if layout.type.dtype == .bf16 {
        let halves = target.assumingMemoryBound(to: BrainFloat.self)
        return {
          function.apply(count, .init(first, isScalar: false), .init(second, isScalar: false), into: halves)
        }
      }
      let floats = target.assumingMemoryBound(to: Float.self)
      return {
        function.apply(count, .init(first, isScalar: false), .init(second, isScalar: false), into: floats)
      }
    }
  }

  // MARK: Comparison, selection, cast

  func compileCompare(_ node: Node, _ comparison: Comparison) throws {
    let (a, b) = (node.operands[0], node.operands[1])
    let (x, y) = (try kernelOperand(a), try kernelOperand(b))
    let out = define(node.result)
    let count = elementCount(node.result)
    let (isScalarX, isScalarY) = (isScalar(a), isScalar(b))
    let dtype = kernelType(of: a).dtype
    append(comparison.rawValue, "kernel", reads: [x, y], writes: [out]) { addresses in
      let (first, second) = (addresses(x), addresses(y))
      let target = addresses(out).assumingMemoryBound(to: UInt8.self)
      func work<Element: Comparable>(_: Element.Type) -> () -> Void {
        let p = ElementwiseOperand<Element>(first, isScalar: isScalarX)
        let q = ElementwiseOperand<Element>(second, isScalar: isScalarY)
        return { comparison.apply(count, p, q, into: target) }
      }
      switch dtype {
      case .f32, .bf16, .f16: return work(Float.self)
      case .i32: return work(Int32.self)
      case .bool: return work(UInt8.self)
      }
    }
  }

  func compileSelect(_ node: Node) throws {
    let operands = node.operands
    let (p, x, y) = (
      try rowMajor(operands[0]), try kernelOperand(operands[1]), try kernelOperand(operands[2])
    )
    let scalars = operands.map { isScalar($0) }
    let count = elementCount(node.result)
    let byteCount = kernelType(of: node.result).dtype.byteCount
    try withKernelResult(node.result) { out in
      append("select", "kernel", reads: [p, x, y], writes: [out]) { addresses in
        let predicate = ElementwiseOperand<UInt8>(addresses(p), isScalar: scalars[0])
        let (first, second, target) = (addresses(x), addresses(y), addresses(out))
        func work<Element>(_: Element.Type) -> () -> Void {
          let a = ElementwiseOperand<Element>(first, isScalar: scalars[1])
          let b = ElementwiseOperand<Element>(second, isScalar: scalars[2])
          let out = target.assumingMemoryBound(to: Element.self)
          return { selectElements(count, predicate, a, b, into: out) }
        }
        return byteCount == 1 ? work(UInt8.self) : work(UInt32.self)
      }
    }
  }

  /// A cast between floating-point dtypes is put off until somebody asks for its result.
  func compileCast(_ node: Node) throws {
    postpone(node)
    if pendingCast(node.result) == nil { _ = try materializeCast(node.operands[0], node.result) }
  }

  func materializeCast(_ operand: Value, _ result: Value) throws -> Located {
    let x = try rowMajor(operand)
    let layout = rowMajorLayout(of: result)
    let place = Located(buffer: define(result, as: layout), layout: layout)
    appendCast(
      "cast", type(of: operand).dtype, type(of: result).dtype, elementCount(result), x, place.buffer)
    return place
  }
}

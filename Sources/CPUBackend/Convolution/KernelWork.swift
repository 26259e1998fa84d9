/// A convolution by kernels of our own, which take its shape by address.
protocol KernelWork {
  associatedtype KernelShape
  var shape: KernelShape { get }
}

extension KernelWork {
  func withShape<T>(_ body: (UnsafePointer<KernelShape>) -> T) -> T { withUnsafePointer(to: shape, body) }

  /// Adds parts of so many floats each, one behind the other, in their order; the sum may be the first.
  func addParts(
    _ parts: UnsafePointer<Float>, count: Int, of length: Int, into sum: UnsafeMutablePointer<Float>
  ) {
    Parallel.forRanges(length, grain: 1024) { range in
      if UnsafePointer(sum) != parts { for i in range { sum[i] = parts[i] } }
      for index in 1..<count {
        let part = parts + index * length
        for i in range { sum[i] += part[i] }
      }
    }
  }
}

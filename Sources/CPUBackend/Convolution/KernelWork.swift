/// A convolution by kernels of our own, which take its shape by address.
protocol KernelWork {
  associatedtype KernelShape
  var shape: KernelShape { get }
}

extension KernelWork {
  func withShape<T>(_ body: (UnsafePointer<KernelShape>) -> T) -> T { withUnsafePointer(to: shape, body) }
}

extension StoredVoxels {
  /// The voxels of three axes with the second and the third exchanged: channels between other axes come behind them.
  func exchangingAxes(first: Int, second: Int, third: Int) -> StoredVoxels {
    StoredVoxels(
      type,
      bytes: bytes.exchangingAxes(blockSize: first * type.byteCount, second: second, third: third),
      isSwapped: isSwapped, slope: slope, intercept: intercept)
  }
}

extension [UInt8] {
  /// Exchanges the second and the third of three axes, the first fastest; the first is a block of bytes.
  ///
  /// It brings channels that lie between other axes behind them, and back.
  /// - Precondition: `count == blockSize * second * third`.
  func exchangingAxes(blockSize: Int, second: Int, third: Int) -> [UInt8] {
    precondition(count == blockSize * second * third)
    guard second > 1 && third > 1 else { return self }
    return [UInt8](unsafeUninitializedCapacity: count) { output, filled in
      withUnsafeBufferPointer { input in
        guard let source = input.baseAddress, let target = output.baseAddress else { return }
        for outer in 0..<third {
          for inner in 0..<second {
            let block = source + blockSize * (outer * second + inner)
            (target + blockSize * (inner * third + outer)).initialize(from: block, count: blockSize)
          }
        }
      }
      filled = count
    }
  }
}

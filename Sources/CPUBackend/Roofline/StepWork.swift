import TensorGraph

/// What a step of a plan computes and moves, and what it took.
package struct StepWork: Encodable {
  package let name, detail: String
  /// Of a convolution; 0 for other steps.
  package let flops: Double
  /// Of the tensors that it reads and writes, each once.
  package let byteCount: Int
  package let seconds: Double
  /// What its products and sums take at a machine's peak, and what its bytes do.
  package let productSeconds, memorySeconds: Double

  fileprivate init(_ step: Step, byteCount: Int, seconds: Double, _ peak: MachinePeak) {
    name = step.name
    detail = step.detail
    flops = step.arithmetic?.flops ?? 0
    self.byteCount = byteCount
    self.seconds = seconds
    let pairs = step.arithmetic?.isOfPairs == true ? peak.pairFlopsPerSecond : nil
    productSeconds = flops / (pairs ?? peak.flopsPerSecond)
    memorySeconds = Double(byteCount) / peak.bytesPerSecond
  }

  /// The least time that the machine's peaks allow, as long as no cache holds what is read.
  package var boundSeconds: Double { max(productSeconds, memorySeconds) }
}

extension CPUExecutable {
  /// Runs the graph some times and returns its steps, each at its fastest.
  package func stepWork(_ inputs: [String: Tensor], runs: Int, _ peak: MachinePeak) throws -> [StepWork] {
    let times = try (0..<runs).map { _ in try profile(inputs) }
    return zip(plan.steps[plan.onceCount...], OperationTime.fastest(of: times)).map { step, time in
      StepWork(step, byteCount: plan.movedByteCount(step), seconds: time.seconds, peak)
    }
  }
}

extension Plan {
  /// Bytes of the buffers that a step reads and of those that it writes.
  fileprivate func movedByteCount(_ step: Step) -> Int {
    (Array(Set(step.reads)) + Array(Set(step.writes))).reduce(0) { $0 + buffers[$1.index].byteCount }
  }
}

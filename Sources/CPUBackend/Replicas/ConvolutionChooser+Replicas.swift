extension ConvolutionChooser {
  /// The choices as text, one a line: the convolution, a tab, the algorithm.
  var serializedChoices: [UInt8] {
    Array(choices.sorted { $0.key < $1.key }.map { "\($0.key)\t\($0.value)" }.joined(separator: "\n").utf8)
  }

  /// Takes over the choices of another replica.
  func adopt(serialized bytes: [UInt8]) {
    var choices: [String: ConvolutionAlgorithm] = [:]
    for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: "\t")
      if parts.count == 2 { choices[String(parts[0])] = ConvolutionAlgorithm(description: String(parts[1])) }
    }
    adopt(choices)
  }
}

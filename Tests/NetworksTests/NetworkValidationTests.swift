import Networks
import Testing

@Suite struct NetworkValidationTests {
  private func refusal(_ network: Network) -> ConfigurationError? {
    do throws(ConfigurationError) {
      try network.validate()
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: Preset.allCases)
  func presetsAreValid(_ preset: Preset) { #expect(refusal(preset.network) == nil) }

  @Test func outputShapes() {
    #expect(Preset.hippocampus.network.outputShape == [32, 32, 32])
    #expect(Preset.milletari.network.outputShape == [128, 128, 64])
    #expect(Preset.unpadded.network.outputShape == [20, 20, 20])
  }

  @Test func refusedShapeNamesTheNearestThatFit() {
    var network = Preset.hippocampus.network
    network.inputShape = [30, 32, 41]
    #expect(
      refusal(network)
        == .invalidInputShape(found: [30, 32, 41], nearest: [[24, 32, 40], [32, 32, 48]]))
    network.inputShape = [4, 32, 32]
    #expect(refusal(network) == .invalidInputShape(found: [4, 32, 32], nearest: [[8, 32, 32]]))
  }

  @Test func nearestShapesFitThemselves() {
    for preset in Preset.allCases {
      var network = preset.network
      for extent in [1, 7, 33, 45, 61, 99, 127] {
        network.inputShape = [extent, extent + 2, extent + 5]
        guard case .invalidInputShape(_, let nearest) = refusal(network) else { continue }
        for shape in nearest {
          network.inputShape = shape
          #expect(refusal(network) == nil, "\(preset) \(shape)")
        }
      }
    }
  }

  @Test func unpaddedTakesSixtyAndItsNeighbours() {
    var network = Preset.unpadded.network
    network.inputShape = [62, 60, 60]
    #expect(
      refusal(network)
        == .invalidInputShape(found: [62, 60, 60], nearest: [[60, 60, 60], [64, 60, 60]]))
  }

  /// An axis without a neighbour on one side takes the other's; the rest keep both.
  @Test func nearestShapesMixSides() {
    var network = Preset.hippocampus.network
    network.inputShape = [4, 33, 32]
    #expect(
      refusal(network)
        == .invalidInputShape(found: [4, 33, 32], nearest: [[8, 32, 32], [8, 40, 32]]))
  }

  /// 2054 would fit, but is beyond the longest axis.
  @Test func nearestShapesStayWithinTheLimit() {
    var network = Preset.hippocampus.network
    network.architecture.vnet!.padding = .valid
    network.inputShape = [2048, 2048, 2048]
    #expect(
      refusal(network)
        == .invalidInputShape(found: [2048, 2048, 2048], nearest: [[2046, 2046, 2046]]))
  }

  @Test func networkThatTakesNoShapeSaysSo() {
    var network = Preset.unpadded.network
    network.architecture.vnet!.convolutionSize = 9
    network.architecture.vnet!.downscaleBlocks = Array(repeating: 8, count: 6)
    network.architecture.vnet!.upscaleBlocks = Array(repeating: 8, count: 6)
    let error = refusal(network)
    #expect(error == .invalidInputShape(found: [60, 60, 60], nearest: []))
    #expect(
      error?.description
        == "no --input-shape fits this network; take fewer or smaller convolutions, or --padding same.")
  }

  @Test func otherRefusals() {
    let valid = Preset.hippocampus.network
    func with(_ change: (inout Network) -> Void) -> ConfigurationError? {
      var network = valid
      change(&network)
      return refusal(network)
    }
    #expect(with { $0.architecture.vnet!.convolutionSize = 4 } == .evenConvolutionSize(4))
    #expect(with { $0.inputShape = [32, 32] } == .wrongNumberOfExtents([32, 32]))
    #expect(
      with { $0.architecture.filters = 0 } == .outOfRange(option: "--filters", value: 0, allowed: 1...1024))
    #expect(
      with { $0.architecture.vnet!.upscaleBlocks = [3] }
        == .wrongNumberOfUpscaleBlocks(found: 1, downscaleBlocks: 3))
    #expect(with { $0.architecture.vnet!.downscaleBlocks = [3, 0, 3] } != nil)
    #expect(with { $0.classCount = 1 } != nil)
  }

  @Test func refusalsAreSentences() {
    let error = ConfigurationError.invalidInputShape(
      found: [30, 32, 32], nearest: [[24, 32, 32], [32, 32, 32]])
    #expect(
      error.description
        == "--input-shape 30 32 32 does not fit this network; the nearest that do are 24 32 32 and 32 32 32.")
  }
}

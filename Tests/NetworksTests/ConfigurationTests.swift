import Networks
import Testing

@Suite struct ConfigurationTests {
  private func refusal(_ configuration: VNetConfiguration) -> ConfigurationError? {
    do throws(ConfigurationError) {
      try configuration.validate()
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: Preset.allCases)
  func presetsAreValid(_ preset: Preset) { #expect(refusal(preset.configuration) == nil) }

  @Test func outputShapes() {
    #expect(Preset.hippocampus.configuration.outputShape == [32, 32, 32])
    #expect(Preset.milletari.configuration.outputShape == [128, 128, 64])
    #expect(Preset.unpadded.configuration.outputShape == [20, 20, 20])
  }

  @Test func refusedShapeNamesTheNearestThatFit() {
    var configuration = Preset.hippocampus.configuration
    configuration.inputShape = [30, 32, 41]
    #expect(
      refusal(configuration)
        == .invalidInputShape(found: [30, 32, 41], nearest: [[24, 32, 40], [32, 32, 48]]))
    configuration.inputShape = [4, 32, 32]
    #expect(refusal(configuration) == .invalidInputShape(found: [4, 32, 32], nearest: [[8, 32, 32]]))
  }

  @Test func nearestShapesFitThemselves() {
    for preset in Preset.allCases {
      var configuration = preset.configuration
      for extent in [1, 7, 33, 45, 61, 99, 127] {
        configuration.inputShape = [extent, extent + 2, extent + 5]
        guard case .invalidInputShape(_, let nearest) = refusal(configuration) else { continue }
        for shape in nearest {
          configuration.inputShape = shape
          #expect(refusal(configuration) == nil, "\(preset) \(shape)")
        }
      }
    }
  }

  @Test func unpaddedTakesSixtyAndItsNeighbours() {
    var configuration = Preset.unpadded.configuration
    configuration.inputShape = [62, 60, 60]
    #expect(
      refusal(configuration)
        == .invalidInputShape(found: [62, 60, 60], nearest: [[60, 60, 60], [64, 60, 60]]))
  }

  /// An axis without a neighbour on one side takes the other's; the rest keep both.
  @Test func nearestShapesMixSides() {
    var configuration = Preset.hippocampus.configuration
    configuration.inputShape = [4, 33, 32]
    #expect(
      refusal(configuration)
        == .invalidInputShape(found: [4, 33, 32], nearest: [[8, 32, 32], [8, 40, 32]]))
  }

  /// 2054 would fit, but is beyond the longest axis.
  @Test func nearestShapesStayWithinTheLimit() {
    var configuration = Preset.hippocampus.configuration
    configuration.padding = .valid
    configuration.inputShape = [2048, 2048, 2048]
    #expect(
      refusal(configuration)
        == .invalidInputShape(found: [2048, 2048, 2048], nearest: [[2046, 2046, 2046]]))
  }

  @Test func networkThatTakesNoShapeSaysSo() {
    var configuration = Preset.unpadded.configuration
    configuration.convolutionSize = 9
    configuration.downscaleBlocks = Array(repeating: 8, count: 6)
    configuration.upscaleBlocks = Array(repeating: 8, count: 6)
    let error = refusal(configuration)
    #expect(error == .invalidInputShape(found: [60, 60, 60], nearest: []))
    #expect(
      error?.description
        == "no --input-shape fits this network; take fewer or smaller convolutions, or --padding same.")
  }

  @Test func otherRefusals() {
    let valid = Preset.hippocampus.configuration
    func with(_ change: (inout VNetConfiguration) -> Void) -> ConfigurationError? {
      var configuration = valid
      change(&configuration)
      return refusal(configuration)
    }
    #expect(with { $0.convolutionSize = 4 } == .evenConvolutionSize(4))
    #expect(with { $0.inputShape = [32, 32] } == .wrongNumberOfExtents([32, 32]))
    #expect(with { $0.filters = 0 } == .outOfRange(option: "--filters", value: 0, allowed: 1...1024))
    #expect(
      with { $0.upscaleBlocks = [3] } == .wrongNumberOfUpscaleBlocks(found: 1, downscaleBlocks: 3))
    #expect(with { $0.downscaleBlocks = [3, 0, 3] } != nil)
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

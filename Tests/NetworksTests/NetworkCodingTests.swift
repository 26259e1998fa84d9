import Foundation
import Networks
import Testing

@Suite struct NetworkCodingTests {
  /// What version 0.3 wrote into a model's record.
  private static let earlier = """
    {"activation":"relu","batchNormMomentum":0.9,"classCount":4,"convolutionSize":3,"downscaleBlocks":[3,3,3],
    "filters":16,"inputBlock":1,"inputChannels":2,"inputShape":[40,48,32],"normalizationLayer":"batchnorm",
    "outputConvolution":"pointwise","padding":"same","pooling":"conv","residualPosition":"after-activation",
    "upsampling":"transposed-conv","upscaleBlocks":[3,3,1],"weightInitialization":"he-normal"}
    """
  /// Before weight initialisation and momentum could be chosen.
  private static let earliest = """
    {"activation":"relu","classCount":3,"convolutionSize":3,"downscaleBlocks":[3,3,3],"filters":16,"inputBlock":1,
    "inputChannels":1,"inputShape":[32,32,32],"normalizationLayer":"batchnorm","outputConvolution":"full",
    "padding":"same","pooling":"conv","residualPosition":"after-activation","upsampling":"transposed-conv",
    "upscaleBlocks":[3,3]}
    """

  private func decoded(_ json: String) throws -> Network {
    try JSONDecoder().decode(Network.self, from: Data(json.utf8))
  }

  @Test func whatEarlierVersionsWroteIsAVNet() throws {
    var accurate = Preset.accurate.network
    (accurate.inputShape, accurate.inputChannels, accurate.classCount) = ([40, 48, 32], 2, 4)
    #expect(try decoded(Self.earlier) == accurate)
    #expect(try decoded(Self.earliest) == Preset.hippocampus.network)
  }

  @Test(arguments: Architecture.Kind.allCases)
  func whatIsWrittenIsRead(_ kind: Architecture.Kind) throws {
    var network = Preset.accurate.network
    network.architecture.kind = kind
    network.architecture.filters = 24
    let json = try JSONEncoder().encode(network)
    #expect(try JSONDecoder().decode(Network.self, from: json) == network)
    #expect(String(decoding: json, as: UTF8.self).contains("\"\(kind.rawValue)\":{"))
  }

  @Test func anUnknownNetworkIsRefused() {
    let json = #"{"inputShape":[8,8,8],"inputChannels":1,"classCount":2,"architecture":{"transformer":{}}}"#
    #expect(throws: DecodingError.self) { try decoded(json) }
  }
}

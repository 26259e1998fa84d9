/// How a network is built, whatever data it is for. The set is closed; another network is another case.
public enum Architecture: Hashable, Sendable {
  case vnet(VNetConfiguration)
  case residualUNet(ResidualUNetConfiguration)

  /// The names of the cases, as they are typed and saved.
  public enum Kind: String, Codable, CodingKey, Sendable, CaseIterable {
    case vnet
    case residualUNet = "residual-unet"
  }

  /// Which network it is; setting another one takes its defaults.
  public var kind: Kind {
    get {
      switch self {
      case .vnet: .vnet
      case .residualUNet: .residualUNet
      }
    }
    set {
      guard newValue != kind else { return }
      switch newValue {
      case .vnet: self = Preset.hippocampus.network.architecture
      case .residualUNet: self = .residualUNet(ResidualUNetConfiguration())
      }
    }
  }

  /// What the network is made of.
  var structure: any NetworkStructure {
    switch self {
    case .vnet(let configuration): configuration
    case .residualUNet(let configuration): configuration
    }
  }

  /// The V-Net's configuration; nil for another network, whose it can then not be.
  public var vnet: VNetConfiguration? {
    get { if case .vnet(let configuration) = self { configuration } else { nil } }
    set {
      guard let newValue else { return precondition(vnet == nil) }
      guard case .vnet = self else { preconditionFailure("this network is no V-Net") }
      self = .vnet(newValue)
    }
  }

  /// The residual U-Net's configuration; nil for another network, whose it can then not be.
  public var residualUNet: ResidualUNetConfiguration? {
    get { if case .residualUNet(let configuration) = self { configuration } else { nil } }
    set {
      guard let newValue else { return precondition(residualUNet == nil) }
      guard case .residualUNet = self else { preconditionFailure("this network is no residual U-Net") }
      self = .residualUNet(newValue)
    }
  }

  /// Channels at full resolution.
  public var filters: Int {
    get { structure.filters }
    set {
      switch self {
      case .vnet: vnet!.filters = newValue
      case .residualUNet: residualUNet!.filters = newValue
      }
    }
  }
}

/// Saved as `{"vnet": {...}}`.
extension Architecture: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Kind.self)
    guard let kind = container.allKeys.first else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a network that this version does not know"))
    }
    switch kind {
    case .vnet: self = .vnet(try container.decode(VNetConfiguration.self, forKey: kind))
    case .residualUNet:
      self = .residualUNet(try container.decode(ResidualUNetConfiguration.self, forKey: kind))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Kind.self)
    switch self {
    case .vnet(let configuration): try container.encode(configuration, forKey: kind)
    case .residualUNet(let configuration): try container.encode(configuration, forKey: kind)
    }
  }
}

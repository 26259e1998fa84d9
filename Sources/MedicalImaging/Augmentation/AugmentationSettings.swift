/// Which transforms a training applies to its patches: one spatial map, then a list of transforms of the intensities.
public struct AugmentationSettings: Codable, Equatable, Sendable {
  public var spatial: SpatialAugmentation
  /// In the order in which they are applied.
  public var intensities: [IntensityTransform]

  /// No transform at all.
  public init(spatial: SpatialAugmentation = SpatialAugmentation(), intensities: [IntensityTransform] = []) {
    self.spatial = spatial
    self.intensities = intensities
  }

  /// The accurate recipe's.
  public static var accurate: AugmentationSettings {
    var settings = AugmentationSettings()
    for name in AugmentationName.ofAccurateRecipe { settings.turnOn(name) }
    return settings
  }

  private enum CodingKeys: String, CodingKey {
    case spatial
    case intensities
  }

  /// Reads settings as they are saved today, or as they were saved before they became a list.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    guard container.contains(.intensities) else {
      self = try EarlierAugmentationSettings(from: decoder).settings()
      return
    }
    spatial = try container.decode(SpatialAugmentation.self, forKey: .spatial)
    intensities = try container.decode([IntensityTransform].self, forKey: .intensities)
  }

  /// Whether `intensityTransforms` needs the cases' quantiles.
  public var needsQuantiles: Bool { names.contains(.histogramMatching) }

  /// The transforms of a case's intensities, in their order.
  ///
  /// - Parameters:
  ///   - quantiles: of the training cases, for histogram matching.
  ///   - caseIndex: of the case among them.
  public func intensityTransforms(quantiles: [[[Float]]], caseIndex: Int) -> [any Augmentation] {
    intensities.map { $0.augmentation(quantiles: quantiles, caseIndex: caseIndex) }
  }
}

extension AugmentationSettings {
  /// The transforms that are on, in their order.
  public var names: [AugmentationName] { spatial.transforms.map(\.name) + intensities.map(\.name) }

  /// Adds a transform with its own figures, or gives one that is on its own figures.
  public mutating func turnOn(_ name: AugmentationName) {
    switch name.standard {
    case .spatial(let transform): spatial.transforms.turnOn(transform)
    case .intensity(let transform): intensities.turnOn(transform)
    }
  }

  /// Takes a transform out.
  public mutating func turnOff(_ name: AugmentationName) {
    spatial.transforms.removeAll { $0.name == name }
    intensities.removeAll { $0.name == name }
  }

  /// Mirrors patches at random along these axes, among D (0), H (1) and W (2), and no other.
  public mutating func mirror(along axes: [Int]) {
    guard axes != spatial.mirroredAxes else { return }
    turnOff(.flip)
    if !axes.isEmpty { spatial.transforms.turnOn(.flip(RandomFlip(axes: axes))) }
  }
}

extension Array where Element: NamedTransform {
  /// Puts a transform in place of that of the same name, or before the first that comes later in the order of names.
  fileprivate mutating func turnOn(_ transform: Element) {
    removeAll { $0.name == transform.name }
    let names = AugmentationName.allCases
    let later = names.drop { $0 != transform.name }
    insert(transform, at: firstIndex { later.contains($0.name) } ?? endIndex)
  }
}

/// What a synthetic data set shall be like.
public struct PhantomConfiguration: Equatable, Sendable {
  public enum Modality: String, CaseIterable, Sendable {
    /// Intensities on a scale of each scan's own, stored as float32.
    case mr = "MR"
    /// Hounsfield units, stored as int16.
    case ct = "CT"
  }

  /// The number of cases with masks, at least 1.
  public var caseCount: Int
  /// The number of cases without masks.
  public var testCaseCount: Int
  /// Equal seeds give equal files.
  public var seed: UInt64
  /// The number of channels, 1 to 16, each with contrasts of its own.
  public var channelCount: Int
  public var modality: Modality
  /// The number of parts into which the structure is cut along its length, 1 to 16: the foreground classes.
  public var classCount: Int
  /// mm along i, j, k, of every case; nil for 0.8 to 1.3 mm, drawn for each.
  public var spacing: [Double]?

  public init(
    caseCount: Int, testCaseCount: Int = 2, seed: UInt64 = 0, channelCount: Int = 1,
    modality: Modality = .mr, classCount: Int = 2, spacing: [Double]? = nil
  ) {
    self.spacing = spacing
    self.caseCount = caseCount
    self.testCaseCount = testCaseCount
    self.seed = seed
    self.channelCount = channelCount
    self.modality = modality
    self.classCount = classCount
  }

  private static let spacingRange = 0.25...8.0

  /// The classes' names, background first: "Anterior" and "Posterior" for two parts.
  public var classNames: [String] {
    let parts = classCount == 2 ? ["Anterior", "Posterior"] : (1...max(classCount, 1)).map { "Part \($0)" }
    return ["background"] + parts
  }

  /// The channels' names: the modality as the Decathlon calls it, numbered if there are several.
  public var channelNames: [String] {
    let name = modality == .ct ? "CT" : "MRI"
    return channelCount == 1 ? [name] : (1...max(channelCount, 1)).map { "\(name) \($0)" }
  }

  /// - Throws: `PhantomError` for a count or a spacing out of its range.
  func validate() throws(PhantomError) {
    if let spacing, spacing.count != 3 || !spacing.allSatisfy({ Self.spacingRange.contains($0) }) {
      throw .invalidSpacing(spacing, range: Self.spacingRange)
    }
    let ranges = [
      ("cases", caseCount, 1...9999), ("test cases", testCaseCount, 0...9999),
      ("channels", channelCount, 1...16), ("classes", classCount, 1...16),
    ]
    for (option, value, range) in ranges where !range.contains(value) {
      throw .invalidOption(option: option, value: value, range: range)
    }
  }
}

/// Why a synthetic data set cannot be made.
public enum PhantomError: Error, Equatable, Sendable {
  case invalidOption(option: String, value: Int, range: ClosedRange<Int>)
  case invalidSpacing([Double], range: ClosedRange<Double>)
  /// The folder holds something else than an earlier phantom, which would be overwritten.
  case folderInUse(path: String)
  case cannotWrite(path: String, reason: String)
}

extension PhantomError: CustomStringConvertible {
  /// One sentence: what is wrong and what to do.
  public var description: String {
    switch self {
    case .invalidOption(let option, let value, let range):
      "A phantom cannot have \(value) \(option); choose \(range.lowerBound) to \(range.upperBound)."
    case .invalidSpacing(let spacing, let range):
      "A phantom cannot have a spacing of \(spacing.map { "\($0)" }.joined(separator: " ")); choose three numbers from "
        + "\(range.lowerBound) to \(range.upperBound) mm."
    case .folderInUse(let path):
      "\(path): holds other files; choose a new folder for the phantom."
    case .cannotWrite(let path, let reason):
      "\(path): cannot be written (\(reason)); choose a folder that exists, is writable and has space."
    }
  }
}

import Foundation
import MedicalImaging

/// An evaluation as its JSON tells it, of this or an earlier version: the figures of every case.
///
/// Nothing is taken on trust: what is no evaluation is refused, and so are figures that no mask has.
public struct EvaluationFile: Equatable, Sendable {
  /// On what terms masks were measured, as far as the file says.
  public struct Terms: Codable, Equatable, Sendable {
    public var dataset: String?
    public var split: String?
    /// The folder of the model; nil for masks by any program.
    public var model: String?
    /// The folder of masks by any program.
    public var masks: String?
    public var checkpoint: String?
    public var testTimeAugmentation: Bool?
    public var version: String?
    public var date: String?

    enum CodingKeys: String, CodingKey {
      case dataset = "data_set"
      case split, model, masks, checkpoint
      case testTimeAugmentation = "test_time_augmentation"
      case version, date
    }
  }

  /// The figures of one class of one case, as far as they could be measured.
  struct ClassFigures: Equatable, Sendable {
    var values: [EvaluationFigure: Double] = [:]
    /// In mm^3.
    var trueVolume: Double?
  }

  /// The most bytes that are read: enough for a hundred thousand cases.
  private static let maximumByteCount = 1 << 28
  /// Larger than any distance, in mm.
  private static let maximumDistance = 1e9

  public let path: String
  public let terms: Terms
  /// In the order of the alphabet.
  public let classNames: [String]
  /// By the names of the cases, then of the classes.
  let cases: [String: [String: ClassFigures]]

  /// - Throws: `ComparisonError` for what cannot be read, or is no evaluation with cases.
  public init(contentsOf path: String) throws {
    self.path = path
    let form: Form
    do {
      form = try JSONDecoder().decode(Form.self, from: try Self.contents(of: path))
    } catch is DecodingError {
      throw ComparisonError.notEvaluation(path: path)
    }
    terms = form.terms ?? Terms()
    guard let first = form.cases.first else { throw ComparisonError.noCases(path: path) }
    classNames = first.classes.keys.sorted()
    var cases: [String: [String: ClassFigures]] = [:]
    for entry in form.cases {
      guard cases.updateValue(entry.classes, forKey: entry.name) == nil else {
        throw ComparisonError.duplicateCase(path: path, name: entry.name)
      }
    }
    self.cases = cases
    for entry in form.cases { try require(entry, like: first) }
  }

  private static func contents(of path: String) throws(ComparisonError) -> Data {
    guard !isFolder(path) else { throw .isFolder(path: path) }
    do throws(DatasetError) {
      return Data(try DescriptionFile.bytes(of: path, atMost: maximumByteCount))
    } catch {
      switch error {
      case .notFound: throw .notFound(path: path)
      case .tooLarge(_, let byteCount): throw .tooLarge(path: path, byteCount: byteCount)
      default: throw .cannotRead(path: path)
      }
    }
  }

  /// Refuses a case with other classes than the first, or with figures that no mask has.
  private func require(_ entry: Form.Case, like first: Form.Case) throws {
    guard entry.classes.keys == first.classes.keys else {
      throw ComparisonError.unevenClasses(path: path, caseName: entry.name)
    }
    for (className, figures) in entry.classes {
      for (figure, value) in figures.values {
        guard (0...(figure.isDistance ? Self.maximumDistance : 1)).contains(value) else {
          throw ComparisonError.implausibleFigure(
            path: path, caseName: entry.name, className: className, figure: figure.rawValue)
        }
      }
    }
  }
}

/// What is read of an evaluation's JSON.
private struct Form: Decodable {
  struct Case: Decodable {
    let name: String
    let classes: [String: EvaluationFile.ClassFigures]
  }

  let terms: EvaluationFile.Terms?
  let cases: [Case]
}

extension EvaluationFile.ClassFigures: Decodable {
  private enum VolumeKey: String, CodingKey {
    case trueVolume = "true_volume_mm3"
  }

  /// - Throws: `DecodingError` for a figure that is neither a number nor the reason why there is none.
  init(from decoder: any Decoder) throws {
    let figures = try decoder.container(keyedBy: EvaluationFigure.self)
    for figure in EvaluationFigure.allCases {
      values[figure] = try figures.decodeIfPresent(Measured.self, forKey: figure)?.value
    }
    let volumes = try decoder.container(keyedBy: VolumeKey.self)
    trueVolume = try volumes.decodeIfPresent(Double.self, forKey: .trueVolume)
  }
}

/// The name of a figure is its key in JSON.
extension EvaluationFigure: CodingKey {}

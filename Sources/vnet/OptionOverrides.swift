import ArgumentParser
import MedicalImaging
import Networks
import Segmentation
import TensorGraph
import Training

/// Training options under construction: a preset's defaults or, when resuming, a model's own, which no option
/// may contradict.
struct OptionOverrides {
  private(set) var options: TrainingOptions
  /// Whether these are a model's own.
  let isSaved: Bool

  init(defaults: TrainingOptions) {
    options = defaults
    isSaved = false
  }

  init(saved: TrainingOptions) {
    options = saved
    isSaved = true
  }

  /// - Throws: `SegmentationError.optionConflict` when a saved option was given another value.
  mutating func set<Value: Equatable>(
    _ path: WritableKeyPath<TrainingOptions, Value>, _ given: Value?, _ option: String
  ) throws {
    guard let given else { return }
    try requireAgreement(given, options[keyPath: path], option)
    options[keyPath: path] = given
  }

  /// As above, for an option that may be missing.
  mutating func set<Value: Equatable>(
    _ path: WritableKeyPath<TrainingOptions, Value?>, _ given: Value?, _ option: String
  ) throws {
    guard let given else { return }
    try requireAgreement(given, options[keyPath: path], option)
    options[keyPath: path] = given
  }

  /// As above, for a value of a part that only some choices have.
  ///
  /// - Parameters:
  ///   - path: the value in the part; `\.self` for a part of one value.
  ///   - part: nil where the choice that was made has none.
  ///   - remedy: the choice that has it, such as "--optimizer adamw".
  /// - Throws: `ValidationError` where the option does not apply.
  mutating func set<Part, Value: Equatable>(
    _ path: WritableKeyPath<Part, Value>, of part: WritableKeyPath<TrainingOptions, Part?>,
    _ given: Value?, _ option: String, appliesWith remedy: String
  ) throws {
    guard let given else { return }
    guard var changed = options[keyPath: part] else {
      let option = typedName(option, given)
      throw ValidationError("\(option) applies with \(remedy) only; add that, or leave \(option) out.")
    }
    try requireAgreement(given, changed[keyPath: path], option)
    changed[keyPath: path] = given
    options[keyPath: part] = changed
  }

  /// Sets an option that may change when a run goes on.
  mutating func setFreely<Value>(_ path: WritableKeyPath<TrainingOptions, Value>, _ given: Value?) {
    if let given { options[keyPath: path] = given }
  }

  private func requireAgreement<Value: Equatable>(_ given: Value, _ present: Value?, _ option: String) throws
  {
    guard isSaved, given != present else { return }
    let isFlag = given is Bool
    throw SegmentationError.optionConflict(
      option: typedName(option, given), given: isFlag ? "" : optionText(given),
      saved: present.map { isFlag ? typedName(option, $0) : optionText($0) } ?? "none")
  }
}

/// An option's name as it is typed: that of a flag that is off begins with "--no-".
private func typedName(_ option: String, _ given: Any) -> String {
  given as? Bool == false ? "--no-" + option.dropFirst(2) : option
}

/// An option's value as it is typed.
private func optionText(_ value: Any) -> String {
  switch value {
  case let list as [Int]: list.map(String.init).joined(separator: " ")
  case let list as [Double]: list.map(numeral).joined(separator: " ")
  case let number as Double: numeral(number)
  case let dtype as DType: dtype == .f16 ? "fp16" : dtype.rawValue
  case let choice as any RawRepresentable: "\(choice.rawValue)"
  case let clip as ClipNorm: clip.description
  case let average as WeightAverage: numeral(average.decay)
  case let weights as ErrorWeights: "\(numeral(weights.falsePositives)) \(numeral(weights.falseNegatives))"
  case let settings as AugmentationSettings: settings.names.map(\.rawValue).joined(separator: " ")
  default: "\(value)"
  }
}

/// The choices with which an option applies: "--loss dice, dice-cross-entropy or tversky".
func choices<Choice: CaseIterable & RawRepresentable<String>>(
  _ option: String, where applies: (Choice) -> Bool
) -> String {
  let names = Choice.allCases.filter(applies).map(\.rawValue)
  let last = names.suffix(2).joined(separator: " or ")
  return "\(option) " + (names.dropLast(2) + [last]).joined(separator: ", ")
}

import Networks
import Segmentation

/// The defaults of an option for its help, as the presets have them: "2; milletari, unpadded: 4".
///
/// - Parameter value: the option's value among a preset's own, as it is typed.
func presetDefaults(_ value: (TrainingOptions) -> String) -> String {
  let usual = value(TrainingOptions())
  var others: [(value: String, presets: [String])] = []
  for preset in Preset.allCases {
    let own = value(TrainingOptions(preset: preset))
    if own == usual { continue }
    if let index = others.firstIndex(where: { $0.value == own }) {
      others[index].presets.append(preset.rawValue)
    } else {
      others.append((own, [preset.rawValue]))
    }
  }
  return ([usual] + others.map { "\($0.presets.joined(separator: ", ")): \($0.value)" }).joined(
    separator: "; ")
}

/// As above, of a switch: "--loss-background; accurate: --no-loss-background".
func presetDefaults(flag name: String, _ isOn: (TrainingOptions) -> Bool?) -> String {
  presetDefaults { isOn($0).map { $0 ? "--\(name)" : "--no-\(name)" } ?? "none" }
}

/// A number as it is typed: 0.0001, 12.
func numeral(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? "\(number)" }

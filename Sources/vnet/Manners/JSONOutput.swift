import ArgumentParser
import Foundation

/// The option of the commands that can print JSON in place of text for people.
struct JSONOutput: ParsableArguments {
  @Flag(name: .customLong("json"), help: "Print JSON instead, and nothing else.")
  var isWanted = false

  /// Prints a value, its names in snake case.
  static func show(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    print(String(decoding: try encoder.encode(value), as: UTF8.self))
  }
}

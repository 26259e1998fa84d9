import ProtobufWire

/// What a compilation takes besides the program.
///
/// Source: OpenXLA, xla/pjrt/proto/compile_options.proto; the numbers of its fields stand at the lines.
package struct CompileOptions: Hashable, Sendable {
  /// The device of each replica.
  package var deviceIDs: [Int]
  /// XLA's flags for this compilation, by name.
  package var flags: [String: NamedValue] = [:]

  package init(deviceIDs: [Int], flags: [String: NamedValue] = [:]) {
    self.deviceIDs = deviceIDs
    self.flags = flags
  }

  /// A `CompileOptionsProto`.
  package var serialized: [UInt8] {
    var options = ProtobufWriter()
    options.message(3, executableBuildOptions)  // executable_build_options
    for (name, value) in flags.sorted(by: { $0.key < $1.key }) {
      options.message(7) {  // env_option_overrides, a map
        $0.text(1, name)
        $0.message(2) { $0.option(value) }
      }
    }
    return options.bytes
  }

  private func executableBuildOptions(_ build: inout ProtobufWriter) {
    build.integer(1, -1)  // device_ordinal: as the assignment says
    build.integer(4, deviceIDs.count)  // num_replicas
    build.integer(5, 1)  // num_partitions
    build.message(9) { assignment in  // device_assignment
      assignment.integer(1, deviceIDs.count)  // replica_count
      assignment.integer(2, 1)  // computation_count
      assignment.message(3) { $0.packed(1, deviceIDs) }  // computation_devices
    }
  }
}

extension ProtobufWriter {
  /// An `OptionOverrideProto`.
  fileprivate mutating func option(_ value: NamedValue) {
    switch value {
    case .string(let text): self.text(1, text)
    case .flag(let flag): integer(2, flag ? 1 : 0)
    case .integer(let number): integer(3, number)
    case .number(let number): double(4, Double(number))
    case .integers: preconditionFailure("XLA has no flags that are lists")
    }
  }
}

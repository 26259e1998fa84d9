import Foundation
import PJRTBackend
import Testing

/// XLA ends a process whose XLA_FLAGS has a flag that it does not know, and lets the last of two values count.
struct ProcessFlagsTests {
  private static let library = Data(".. xla_gpu_command_buffer_update_mode .. SKIP_TEMP ..".utf8)

  @Test func flagsAreAddedForALibraryThatKnowsThem() {
    let flags = ProcessFlags.flags("--xla_dump_to=d", for: Self.library)
    #expect(
      flags
        == "--xla_dump_to=d --xla_gpu_enable_command_buffer=+CONVOLUTION --xla_gpu_command_buffer_update_mode=SKIP_TEMP"
    )
  }

  @Test func whatAUserGaveStays() {
    let given = "--xla_gpu_enable_command_buffer= --xla_gpu_command_buffer_update_mode=ALWAYS_UPDATE"
    #expect(ProcessFlags.flags(given, for: Self.library) == given)
  }

  @Test func nothingIsAddedForALibraryThatDoesNotKnowThem() {
    #expect(ProcessFlags.flags("", for: Data("xla_gpu_enable_command_buffer".utf8)) == "")
  }
}

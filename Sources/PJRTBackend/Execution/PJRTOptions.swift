/// How an accelerator computes.
public struct PJRTOptions: Sendable {
  /// Whether float32 convolutions may round their operands to TF32 where the device has it.
  public var allowsTF32: Bool
  /// Where compiled programs are kept from one process to the next; nil for nowhere.
  public var cache: ExecutableCache?

  public init(allowsTF32: Bool = true, cache: ExecutableCache? = nil) {
    self.allowsTF32 = allowsTF32
    self.cache = cache
  }
}

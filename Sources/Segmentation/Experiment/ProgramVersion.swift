import CProgramVersion

/// This program.
public enum ProgramVersion {
  /// As in "0.1.0", at a release, or "0.1.0+5.g75cdd7d", five commits after it.
  public static let current = String(cString: program_version())
}

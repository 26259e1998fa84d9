import Foundation

/// Writes a line to the standard error output.
func standardErrorLine(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

import Foundation

/// The program in Python that segments a scan by an ONNX file: in a clone below the working folder, or installed.
enum ONNXExample {
  private static let path = "examples/onnx_predict.py"

  /// What to do with a file that was exported: the program's command line where it is, else where it is to be found.
  static func next(_ model: String) -> String {
    guard let program = [path, installedPath].first(where: FileManager.default.fileExists) else {
      return "next: run it by \(path) of vnet's sources, which installations have in share/doc/vnet/"
    }
    return "next: python3 \(program) \(model) mask.nii.gz scan.nii.gz"
  }

  /// Beside PREFIX/lib/vnet/vnet.
  private static var installedPath: String {
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    return program.deletingLastPathComponent().appendingPathComponent("../../share/doc/vnet/" + path)
      .standardizedFileURL.path
  }
}

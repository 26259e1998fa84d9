import DurableFiles
import Foundation
import MedicalImaging
import PlainText

/// A page that shows the previews of a prediction's scans, one below the other, for a browser.
public struct PreviewPage {
  /// A scan's preview.
  public struct Entry: Sendable {
    public var name: String
    /// What is known of it in a few words; empty for nothing.
    public var caption: String

    public init(name: String, caption: String = "") {
      (self.name, self.caption) = (name, caption)
    }
  }

  private let entries: [Entry]
  private let labels: LabelScheme

  public init(_ entries: [Entry], _ labels: LabelScheme) {
    (self.entries, self.labels) = (entries, labels)
  }

  /// The page; pictures are taken from beside it.
  package func html() -> String {
    let figures = entries.map { entry in
      let caption = entry.caption.isEmpty ? "" : ": " + htmlEscaped(entry.caption)
      return """
        <figure><figcaption>\(htmlEscaped(entry.name))\(caption)</figcaption>
        <img loading="lazy" src="\(htmlEscaped(Self.address(of: entry.name)))" alt="\(htmlEscaped(entry.name)) in three planes">
        </figure>
        """
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>Previews</title>
      <style>body{font:15px/1.5 system-ui,sans-serif;color:#ddd;background:#111;margin:1rem}\
      figure{margin:1.5rem 0}img{max-width:100%;height:auto}\
      .swatch{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em}</style>
      </head>
      <body>
      <h1>Previews</h1>
      <p>\(counted(entries.count, "scan")), each in the sagittal, the coronal and the axial plane through the centre of its mask. \
      Letters tell the directions of space: the scan's right is right (neurological convention).\(legend)</p>
      \(figures.joined(separator: "\n"))
      </body>
      </html>

      """
  }

  /// The address of a picture below the page's folder.
  private static func address(of name: String) -> String {
    let path = name + PredictionOutput.previewSuffix
    return "./" + (path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path)
  }

  private var legend: String {
    labels.structures.map { structure in
      let color = SliceOverlay.color(ofClass: Int(structure.labels[0]))
      return
        "<span class=\"swatch\" style=\"background:rgb(\(color.red),\(color.green),\(color.blue))\"></span>"
        + htmlEscaped(structure.name)
    }.joined()
  }

  /// The names of the previews in a folder and those below it, in the order of the alphabet.
  public static func names(inFolder folder: String) -> [String] {
    let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let suffix = PredictionOutput.previewSuffix
    return paths.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }.sorted()
  }

  /// Writes the page atomically, as index.html of a folder.
  public func write(toFolder folder: String) throws {
    try AtomicFile.write(html(), to: folder + "/index.html")
  }
}

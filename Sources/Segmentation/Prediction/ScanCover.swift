/// How a network takes a prepared scan piece by piece, and how the pieces' probabilities become whole planes across D.
package protocol ScanCover {
  /// Voxels along D, H, W of a piece as the network takes it.
  var inputShape: [Int] { get }
  /// Where the probabilities of the pieces begin, in the order of their prediction: along D none begins before an earlier
  /// one.
  var origins: [[Int]] { get }
  /// The planes in memory: those that some pieces have reached and that were not taken out yet.
  var planeCount: Int { get }

  /// The network's input for the piece at an origin, `[D, H, W, C]`.
  func input(of image: PreparedImage, at origin: [Int]) -> [Float]

  /// Adds the probabilities `[D, H, W, classes]` of the piece at an origin.
  mutating func add(_ probabilities: [Float], at origin: [Int])

  /// Removes and returns the next plane `[H, W, classes]`, without the zeros behind the scan, of those before one that all
  /// pieces to come begin at or behind; nil where there is none left.
  mutating func nextPlane(before end: Int) -> [Float]?
}

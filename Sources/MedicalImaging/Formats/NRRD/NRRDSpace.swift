/// The world of an NRRD file.
///
/// Only RAS, LAS and LPS name patient directions. Any other world of three dimensions, or an unnamed one, counts as LPS, as
/// ITK reads it. Lengths count as mm.
struct NRRDSpace {
  private let space: PatientSpace
  /// The number of coordinates of a vector.
  private let dimension: Int

  init(_ text: TextHeader) throws(ImageError) {
    let dimension = try text.integer("space dimension", atLeast: 1)
    switch text["space"]?.lowercased() {
    case "right-anterior-superior", "ras": space = .ras
    case "left-anterior-superior", "las": space = .las
    case nil, "left-posterior-superior", "lps", "scanner-xyz", "3d-right-handed", "3d-left-handed":
      space = .lps
    default: throw text.unsupported("space", remedy: "store the image in left-posterior-superior")
    }
    self.dimension = dimension ?? 3
    guard [2, 3].contains(self.dimension), text["space"] == nil || self.dimension == 3 else {
      throw text.unsupported("space dimension", remedy: "store the image in a space of three dimensions")
    }
  }

  func details(_ text: TextHeader) -> [ImageHeader.Detail] {
    let name = text["space"].map { printable($0) } ?? "unnamed"
    return [.init("space", "\(name), read as \(space.rawValue)")]
  }

  /// - Throws: `ImageError.header` when directions or spacings make no geometry.
  func geometry(of axes: NRRDAxes, _ text: TextHeader) throws(ImageError) -> Geometry {
    var steps: [[Double]] = []
    if let directions = try text.vectors("space directions", count: axes.count) {
      for direction in axes.spatial.compactMap({ directions[$0] }) {
        steps.append(try coordinates(direction, "space directions", text))
      }
    } else {
      steps = try alignedSteps(axes, text)
    }
    let origin = try origin(axes, text)
    guard let geometry = Geometry(origin: origin, steps: steps, in: space) else {
      throw .header(.invalidGeometry(path: text.path))
    }
    return geometry
  }

  /// Without directions the axes of the grid are those of the world. A spacing that is not known (nan) is 1.
  private func alignedSteps(_ axes: NRRDAxes, _ text: TextHeader) throws(ImageError) -> [[Double]] {
    let spacings = try text.numbers("spacings", count: axes.count)
    return axes.spatial.enumerated().map { index, axis in
      let known = spacings.map { $0[axis] } ?? 1
      return (0..<3).map { $0 == index ? (known.isNaN ? 1 : known) : 0 }
    }
  }

  /// The first voxel: `space origin`, else by the lowest coordinate of each axis, which is the edge of a cell, unless the
  /// samples are at the nodes.
  private func origin(_ axes: NRRDAxes, _ text: TextHeader) throws(ImageError) -> [Double] {
    if let origin = try text.vectors("space origin", count: 1)?[0] {
      return try coordinates(origin, "space origin", text)
    }
    guard text["space directions"] == nil, let lowest = try text.numbers("axis mins", count: axes.count),
      let spacings = try text.numbers("spacings", count: axes.count),
      axes.spatial.allSatisfy({ lowest[$0].isFinite && spacings[$0].isFinite })
    else { return [0, 0, 0] }
    let centers = text.words("centers")
    let start = axes.spatial.map { axis -> Double in
      let isNode = centers.map { axis < $0.count && $0[axis] == "node" } ?? false
      return lowest[axis] + (isNode ? 0 : spacings[axis] / 2)
    }
    return start + Array(repeating: 0, count: 3 - start.count)
  }

  /// Three coordinates, the third of a plane zero.
  private func coordinates(_ vector: [Double], _ field: String, _ text: TextHeader) throws(ImageError)
    -> [Double]
  {
    guard vector.count == dimension else {
      throw text.invalid(field, expected: "vectors of \(dimension) numbers")
    }
    return vector + Array(repeating: 0, count: 3 - dimension)
  }
}

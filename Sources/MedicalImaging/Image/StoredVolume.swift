/// A scan whose voxels stay as they are stored, seen in an order of its axes: intensities are made of them, as 32-bit floats,
/// when they are asked for, row by row.
public struct StoredVolume: Sendable {
  /// Of the scan as it is seen.
  public let grid: Grid
  public let channelCount: Int
  private let source: Source
  /// Voxels of a channel as they are stored: the one that is seen first, and the steps along i, j, k.
  private let start: Int
  private let steps: [Int]
  private let arrangement: AxisRearrangement
  /// What is taken in place of voxels that are not a number; nil leaves them.
  private let notANumber: Float?

  private enum Source: Sendable {
    /// For each channel the part that holds it, and its place among the part's channels.
    case stored([(part: StoredVoxels, place: Int)])
    case intensities([Float])
  }

  private init(
    _ source: Source, _ stored: Grid, channelCount: Int, _ arrangement: AxisRearrangement = .identity,
    notANumber: Float? = nil
  ) {
    (self.source, self.channelCount, self.notANumber) = (source, channelCount, notANumber)
    self.arrangement = arrangement
    grid = stored.rearranged(by: arrangement)
    (start, steps) = arrangement.places(in: stored.size)
  }

  /// A scan that is in memory.
  public init(_ volume: Volume) {
    self.init(.intensities(volume.voxels), volume.grid, channelCount: volume.channelCount)
  }

  init(_ parts: [StoredVoxels], _ grid: Grid, channelCount: Int) {
    let channels = parts.flatMap { part in
      (0..<part.count / grid.size.count).map { (part: part, place: $0) }
    }
    self.init(.stored(channels), grid, channelCount: channelCount)
  }

  public var size: GridSize { grid.size }
  public var geometry: Geometry { grid.geometry }

  /// The scan as it is stored, with a value in place of voxels that are not a number, in another order of its axes.
  ///
  /// - Precondition: this one is in the order in which it is stored.
  public func seen(_ arrangement: AxisRearrangement, notANumber: Float? = nil) -> StoredVolume {
    precondition(self.arrangement == .identity, "a scan that is seen in another order already")
    return StoredVolume(
      source, grid, channelCount: channelCount, arrangement, notANumber: notANumber ?? self.notANumber)
  }

  /// The intensities, all at once.
  public func volume() -> Volume {
    let voxels = [Float](unsafeUninitializedCapacity: size.count * channelCount) { target, filled in
      for channel in 0..<channelCount {
        for k in 0..<size.k {
          let plane = UnsafeMutableBufferPointer(rebasing: target[filled..<filled + size.i * size.j])
          read(channel, 0..<size.i, 0..<size.j, k, into: plane)
          filled += plane.count
        }
      }
    }
    return Volume(size: size, channelCount: channelCount, geometry: geometry, voxels: voxels)
  }

  /// The intensities of a part of a plane across k, i fastest.
  package func plane(_ channel: Int, _ i: Range<Int>, _ j: Range<Int>, _ k: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: i.count * j.count) { target, filled in
      read(channel, i, j, k, into: target)
      filled = i.count * j.count
    }
  }

  /// How many voxels, over all channels, are infinite or not a number.
  public var nonFiniteVoxelCount: Int {
    if isFinite { return 0 }
    var count = 0
    for channel in 0..<channelCount {
      for k in 0..<size.k {
        count += plane(channel, 0..<size.i, 0..<size.j, k).reduce(0) { $0 + ($1.isFinite ? 0 : 1) }
      }
    }
    return count
  }

  /// Whether the voxels' type alone tells that all are finite.
  private var isFinite: Bool {
    switch source {
    case .stored(let channels): channels.allSatisfy { $0.part.isFinite }
    case .intensities: false
    }
  }

  private func read(
    _ channel: Int, _ i: Range<Int>, _ j: Range<Int>, _ k: Int,
    into target: UnsafeMutableBufferPointer<Float>
  ) {
    for (row, y) in j.enumerated() {
      let first = start + i.lowerBound * steps[0] + y * steps[1] + k * steps[2]
      let part = UnsafeMutableBufferPointer(rebasing: target[row * i.count..<(row + 1) * i.count])
      switch source {
      case .stored(let channels):
        let (voxels, place) = channels[channel]
        voxels.read(from: place * size.count + first, step: steps[0], into: part)
      case .intensities(let voxels):
        voxels.withUnsafeBufferPointer { voxels in
          for x in part.indices { part[x] = voxels[channel * size.count + first + x * steps[0]] }
        }
      }
      guard let notANumber else { continue }
      for x in part.indices where part[x].isNaN { part[x] = notANumber }
    }
  }
}

extension Image {
  /// The scan with its voxels as they are stored.
  public var storedVolume: StoredVolume { StoredVolume(parts, header.grid, channelCount: channelCount) }
}

extension StoredVoxels {
  /// Whether the type alone tells that all intensities are finite.
  fileprivate var isFinite: Bool {
    switch type {
    case .float32, .float64: false
    case .uint8, .int8, .int16, .uint16, .int32, .uint32, .int64, .uint64: !isScaled
    }
  }
}

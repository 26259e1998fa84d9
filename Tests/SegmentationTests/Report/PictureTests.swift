import MedicalImaging
import Segmentation
import Testing

@Suite struct PictureTests {
  @Test(arguments: [(1, 1), (3, 2), (70, 41)])
  func aPNGHoldsThePixels(width: Int, height: Int) {
    var picture = Picture(width: width, height: height, color: .init(1, 2, 3))
    for y in 0..<height {
      for x in 0..<width { picture[x, y] = .init(UInt8(x * 3 & 255), UInt8(y * 5 & 255), UInt8(x ^ y)) }
    }
    let decoded = DecodedPNG(picture.pngEncoded())
    #expect(decoded.width == width && decoded.height == height)
    #expect(decoded.chunkTypes == ["IHDR", "IDAT", "IEND"])
    #expect(decoded.pixels == picture.bytes)
    #expect(picture.pngEncoded() == picture.pngEncoded())
  }
}

@Suite struct SliceOverlayTests {
  static let size = GridSize(4, 2, 3)
  static let geometry = Geometry(spacing: [1, 2, 1])

  static func scan(_ value: (Int) -> Float = { Float($0) }) -> Volume {
    Volume(size: size, geometry: geometry, voxels: (0..<size.count).map(value))
  }

  /// A mask with the given voxels of class 1.
  static func mask(_ voxels: [Int]) -> LabelVolume {
    var labels = [UInt8](repeating: 0, count: size.count)
    for voxel in voxels { labels[voxel] = 1 }
    return LabelVolume(size: size, geometry: geometry, labels: labels)
  }

  @Test func theSliceWithMostTruthIsShown() {
    let truth = Self.mask([0, 16, 17])
    #expect(SliceOverlay(scan: Self.scan(), truth: truth, prediction: Self.mask([8, 9, 10])).slice == 2)
    #expect(SliceOverlay(scan: Self.scan(), truth: nil, prediction: Self.mask([8])).slice == 1)
    #expect(SliceOverlay(scan: Self.scan(), truth: Self.mask([]), prediction: nil).slice == 1)
    #expect(SliceOverlay(scan: Self.scan(), truth: nil, prediction: nil).slice == 1)
  }

  /// 4 voxels of 1 mm beside 2 of 2 mm make a square panel; three of them stand 8 pixels apart.
  @Test func panelsAreInProportion() {
    let overlay = SliceOverlay(scan: Self.scan(), truth: Self.mask([0]), prediction: Self.mask([0]))
    #expect(overlay.picture.width == 3 * 256 + 2 * 8 && overlay.picture.height == 256)
    let alone = SliceOverlay(scan: Self.scan(), truth: nil, prediction: nil, panelHeight: 64)
    #expect(alone.picture.width == 64 && alone.picture.height == 64)
  }

  /// i runs to the right and j up: voxel (0, 0) is at the bottom left, voxel (3, 1) at the top right.
  @Test func labelsLieWhereTheirVoxelsAre() {
    let (first, last) = (Self.mask([0]), Self.mask([7]))
    let picture = SliceOverlay(scan: Self.scan { _ in 0 }, truth: first, prediction: last, panelHeight: 64)
      .picture
    let (black, white) = (Picture.Color(gray: 0), Picture.Color(gray: 255))
    let edge = SliceOverlay.color(ofClass: 1)
    #expect(picture[5, 60] == black)
    #expect(picture[66, 20] == white)
    #expect(picture[72 + 15, 40] == edge && picture[72 + 16, 40] == black)
    #expect(picture[72 + 5, 32] == edge && picture[72 + 5, 31] == black)
    #expect(picture[72 + 5, 50] != edge && picture[72 + 5, 50] != black)
    #expect(picture[144 + 48, 10] == edge && picture[144 + 47, 10] == black)
  }

  @Test func grayGrowsWithTheScan() {
    let picture = SliceOverlay(scan: Self.scan(), truth: nil, prediction: nil, panelHeight: 64).picture
    #expect(picture[0, 63] == .init(gray: 0) && picture[63, 0] == .init(gray: 255))
    #expect(picture[20, 63].red < picture[40, 63].red)
  }

  @Test(arguments: [Float.nan, .infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude])
  func extremeValuesAreDrawn(value: Float) {
    let scan = Self.scan { $0 % 3 == 0 ? value : -Float($0) * value }
    let picture = SliceOverlay(scan: scan, truth: nil, prediction: nil, panelHeight: 16).picture
    #expect(picture.bytes.count == 3 * 16 * 16)
  }
}

import MedicalImaging
import Segmentation
import Testing

@Suite struct ThreePlanesTests {
  /// A dark scan of 10 x 20 x 5 voxels of 1 x 1 x 4 mm, and a mask of one label in a box of it.
  private static func planes(_ box: [Range<Int>]) -> ThreePlanes {
    let (scan, mask) = images(box)
    return ThreePlanes(scan: StoredVolume(scan), mask: mask)
  }

  private static func images(_ box: [Range<Int>]) -> (Volume, LabelVolume) {
    let size = GridSize(10, 20, 5)
    let geometry = Geometry(spacing: [1, 1, 4])
    var labels = [UInt8](repeating: 0, count: size.count)
    for k in box[2] { for j in box[1] { for i in box[0] { labels[(k * 20 + j) * 10 + i] = 1 } } }
    return (
      Volume(size: size, geometry: geometry, voxels: [Float](repeating: 0, count: size.count)),
      LabelVolume(size: size, geometry: geometry, labels: labels)
    )
  }

  @Test func pixelsHaveTheProportionsOfMillimetres() {
    let picture = Self.planes([4..<6, 10..<12, 2..<3]).picture
    // 20 mm are 320 pixels: sagittal 20 x 20 mm, coronal 10 x 20 mm, axial 10 x 20 mm, 8 pixels apart.
    #expect(picture.width == 320 + 8 + 160 + 8 + 160 && picture.height == 320)
  }

  @Test func theCentreIsTheMeanPlace() {
    #expect(ThreePlanes.centre(of: Self.images([4..<7, 10..<13, 2..<3]).1) == [5, 11, 2])
    #expect(ThreePlanes.centre(of: Self.images([0..<0, 0..<0, 0..<0]).1) == [5, 10, 2])
  }

  @Test func frontIsRightAndUpIsUp() {
    // A box in the front (j high), below (k low), at the left (i low).
    let picture = Self.planes([0..<2, 16..<20, 0..<1]).picture
    let color = SliceOverlay.color(ofClass: 1)
    func isColored(_ x: Int, _ y: Int) -> Bool {
      let pixel = picture[x, y]
      return pixel.blue > pixel.red && Int(pixel.blue) >= Int(color.blue) / 3
    }
    // Sagittal: j to the right, k up.
    #expect(isColored(300, 310) && !isColored(20, 310) && !isColored(300, 20))
    // Coronal: i to the right, k up.
    #expect(isColored(328 + 10, 310) && !isColored(328 + 150, 310) && !isColored(328 + 10, 20))
    // Axial: i to the right, j up.
    #expect(isColored(496 + 10, 20) && !isColored(496 + 150, 20) && !isColored(496 + 10, 300))
  }

  @Test func lettersTellTheDirectionsOfSpace() {
    let picture = Self.planes([0..<0, 0..<0, 0..<0]).picture
    // Each dot is 2 x 2 pixels, 4 from the edge: P at the left of the sagittal plane, L of the coronal and the axial one.
    func dots(_ left: Int, _ top: Int) -> [String] {
      (0..<7).map { row in
        (0..<5).map { picture[left + 2 * $0, top + 2 * row] == .init(gray: 255) ? "#" : "." }.joined()
      }
    }
    let p = ["####.", "#...#", "#...#", "####.", "#....", "#....", "#...."]
    let l = ["#....", "#....", "#....", "#....", "#....", "#....", "#####"]
    let s = [".####", "#....", "#....", ".###.", "....#", "....#", "####."]
    #expect(dots(4, 153) == p && dots(155, 4) == s)
    #expect(dots(328 + 4, 153) == l && dots(328 + 75, 4) == s)
    #expect(dots(496 + 4, 153) == l && dots(496 + 75, 320 - 14 - 4) == p)
  }

  @Test func lettersFollowTheOrderOfTheAxes() {
    let (scan, mask) = Self.images([0..<0, 0..<0, 0..<0])
    let flipped = Geometry(spacing: [1, 1, 4], affine: [[-1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 4, 0]])
    let other = Volume(size: scan.size, geometry: flipped, voxels: scan.voxels)
    let picture = ThreePlanes(scan: StoredVolume(other), mask: mask).picture
    // R has a dot at its top right, where L has none.
    #expect(picture[328 + 4 + 6, 153] == .init(gray: 255))
    let unknown = ThreePlanes(scan: StoredVolume(other), mask: mask, hasOrientation: false).picture
    #expect(!unknown.bytes.contains(255))
  }

  @Test func namesAreHarmlessInThePage() {
    let labels = LabelScheme(classNames: ["background", "<b>"])
    let html = PreviewPage([.init(name: "a/<x> #1\"", caption: "0.5 & more")], labels).html()
    #expect(html.contains("a/&lt;x&gt; #1&quot;: 0.5 &amp; more"))
    #expect(html.contains("src=\"./a/%3Cx%3E%20%231%22.png\""))
    #expect(html.contains("&lt;b&gt;") && !html.contains("<b>"))
  }
}

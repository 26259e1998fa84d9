/// A picture in memory: 8-bit red, green, blue, row by row from the top left.
public struct Picture: Equatable, Sendable {
  /// A colour in sRGB.
  public struct Color: Equatable, Sendable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
      self.red = red
      self.green = green
      self.blue = blue
    }

    public init(gray: UInt8) { self.init(gray, gray, gray) }

    /// This colour laid over `other`: `opacity * self + (1 - opacity) * other`.
    func blended(over other: Color, opacity: Float) -> Color {
      func mix(_ a: UInt8, _ b: UInt8) -> UInt8 {
        UInt8((opacity * Float(a) + (1 - opacity) * Float(b)).rounded())
      }
      return Color(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
    }
  }

  /// Extent in pixels.
  public let width: Int
  public let height: Int
  /// `3 * width * height` bytes.
  public private(set) var bytes: [UInt8]

  /// A picture of one colour.
  public init(width: Int, height: Int, color: Color) {
    precondition(width > 0 && height > 0)
    self.width = width
    self.height = height
    bytes = []
    bytes.reserveCapacity(3 * width * height)
    for _ in 0..<(width * height) { bytes += [color.red, color.green, color.blue] }
  }

  /// The pixel in column `x`, row `y`, counted from the top left.
  public subscript(x: Int, y: Int) -> Color {
    get {
      let offset = 3 * (y * width + x)
      return Color(bytes[offset], bytes[offset + 1], bytes[offset + 2])
    }
    set {
      let offset = 3 * (y * width + x)
      bytes[offset] = newValue.red
      bytes[offset + 1] = newValue.green
      bytes[offset + 2] = newValue.blue
    }
  }
}

import MedicalImaging

/// The directions of space at the edges of a plane: R or L, A or P, S or I.
struct EdgeLetters: Equatable {
  let left: Character
  let right: Character
  let bottom: Character
  let top: Character

  /// - Parameters:
  ///   - order: of the grid that the plane is of.
  ///   - across: its axis that runs to the right.
  ///   - up: its axis that runs up.
  init(_ order: AxisOrder, across: Int, up: Int) {
    (left, right) = order.ends(ofAxis: across)
    (bottom, top) = order.ends(ofAxis: up)
  }
}

extension Picture {
  /// The pixels of a glyph's dot.
  private static let dot = 2
  /// Between a letter and the edge, in pixels.
  private static let margin = 4
  /// Below it letters would hide the picture.
  private static let leastExtent = 80

  /// Writes each letter at the middle of its edge, white with a black rim. Small pictures are left as they are.
  mutating func write(_ letters: EdgeLetters) {
    guard min(width, height) >= Self.leastExtent else { return }
    let (w, h) = (Glyph.width * Self.dot, Glyph.height * Self.dot)
    let (middleX, middleY) = ((width - w) / 2, (height - h) / 2)
    write(letters.left, Self.margin, middleY)
    write(letters.right, width - w - Self.margin, middleY)
    write(letters.top, middleX, Self.margin)
    write(letters.bottom, middleX, height - h - Self.margin)
  }

  /// - Parameters:
  ///   - left: column of the glyph's first pixel.
  ///   - top: row of the glyph's first pixel.
  private mutating func write(_ letter: Character, _ left: Int, _ top: Int) {
    guard let glyph = Glyph(letter) else { return }
    for (color, rim) in [(Color(gray: 0), 1), (Color(gray: 255), 0)] {
      for (column, row) in glyph.dots {
        for y in (top + row * Self.dot - rim)..<(top + (row + 1) * Self.dot + rim) {
          for x in (left + column * Self.dot - rim)..<(left + (column + 1) * Self.dot + rim) {
            self[x, y] = color
          }
        }
      }
    }
  }
}

/// A letter of 5 x 7 dots: those of the six directions of space.
struct Glyph {
  static let (width, height) = (5, 7)

  /// Column and row from the top left.
  let dots: [(column: Int, row: Int)]

  /// - Returns: nil for other characters.
  init?(_ letter: Character) {
    guard let rows = Self.rows[letter] else { return nil }
    dots = rows.enumerated().flatMap { row, bits in
      (0..<Self.width).filter { bits >> (Self.width - 1 - $0) & 1 == 1 }.map { ($0, row) }
    }
  }

  /// A bit for each dot, the left one highest.
  private static let rows: [Character: [Int]] = [
    "R": [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001],
    "L": [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111],
    "A": [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001],
    "P": [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000],
    "S": [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110],
    "I": [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
  ]
}

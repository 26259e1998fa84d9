/// An element as a dtype has it in memory.
protocol StoredElement {
  init(rounding number: Float)
  var number: Float { get }
}

extension Float: StoredElement {
  init(rounding number: Float) { self = number }
  var number: Float { self }
}

extension Float16: StoredElement {
  init(rounding number: Float) { self.init(number) }
  var number: Float { Float(self) }
}

extension Int32: StoredElement {
  init(rounding number: Float) {
    if number.isNaN {
      self = 0
    } else {
      self = number <= -2_147_483_648 ? .min : number >= 2_147_483_648 ? .max : Int32(number)
    }
  }

  var number: Float { Float(self) }
}

/// bfloat16: the upper half of a single.
struct BrainFloat: StoredElement {
  var bits: UInt16

  init(rounding number: Float) {
    let bits = number.bitPattern
    // Just under half a unit, and the last bit itself, so that a tie goes to even.
    let rounded = bits &+ 0x7FFF &+ (bits >> 16 & 1)
    // The carry would turn some NaN into zero.
    self.bits = UInt16(truncatingIfNeeded: (number.isNaN ? bits | 0x40_0000 : rounded) >> 16)
  }

  var number: Float { Float(bitPattern: UInt32(bits) << 16) }
}

struct TruthValue: StoredElement {
  var byte: UInt8

  init(rounding number: Float) { byte = number != 0 ? 1 : 0 }
  var number: Float { Float(byte) }
}

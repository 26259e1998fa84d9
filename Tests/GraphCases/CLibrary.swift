import Glibc

/// The C library and its version, "glibc 2.36": of another one functions such as the logarithm may round otherwise.
public let cLibraryVersion: String = {
  var text = [UInt8](repeating: 0, count: 64)
  let length = text.withUnsafeMutableBytes {
    confstr(Int32(_CS_GNU_LIBC_VERSION), $0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
  }
  return String(decoding: text.prefix(max(0, Int(length) - 1)), as: UTF8.self)
}()

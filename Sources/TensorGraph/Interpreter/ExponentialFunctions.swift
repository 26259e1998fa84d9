// The only functions that the standard library lacks: the module's one import of the platform's C library.
#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// e to the power of x.
func exponential(_ x: Double) -> Double { exp(x) }

/// The logarithm of x to base e.
func naturalLogarithm(_ x: Double) -> Double { log(x) }

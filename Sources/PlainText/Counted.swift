/// "1 case" or "2 cases".
///
/// - Parameter several: the word for none and for more than one; nil for the word with an s.
package func counted(_ count: Int, _ one: String, _ several: String? = nil) -> String {
  "\(count) \(count == 1 ? one : several ?? one + "s")"
}

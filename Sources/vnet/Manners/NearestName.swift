/// The one of some names that somebody most likely meant by a word; nil where none is near.
///
/// Names that begin with the word come first, then those at the least edit distance, up to a third of the word's length.
func nearestName(to word: String, among names: [String]) -> String? {
  let beginning = names.filter { $0.hasPrefix(word) }
  if word.count > 2, beginning.count == 1 { return beginning[0] }
  let ranked = names.map { (name: $0, distance: editDistance(word, $0)) }.min { $0.distance < $1.distance }
  guard let best = ranked, best.distance <= max(1, word.count / 3) else { return nil }
  return best.name
}

/// The fewest characters to insert, remove, replace, or exchange with their neighbour, that make one word of another.
///
/// Source: Damerau 1964, in the restricted form (optimal string alignment).
func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
  var rows = [Array(0...b.count)]
  for i in 1...a.count {
    var row = [i]
    for j in 1...b.count {
      let replaced = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      var least = min(rows[i - 1][j] + 1, row[j - 1] + 1, replaced)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        least = min(least, rows[i - 2][j - 2] + 1)
      }
      row.append(least)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}

import PlainText

/// A table for a terminal: the first column to the left, numbers to the right. Where it would be wider than 80 characters, the
/// columns that do not fit follow in further tables below, each with the first column.
struct TextTable {
  private static let width = 80
  private static let gap = "  "

  private let rows: [[String]]
  private let widths: [Int]

  /// - Parameter rows: of equal length, the heading first.
  init(_ rows: [[String]]) {
    self.rows = rows.map { $0.map(\.printable) }
    let cells = self.rows
    widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
  }

  var text: String { columnGroups.map(text).joined(separator: "\n\n") }

  /// The columns behind the first, as many together as fit; one by itself always does.
  private var columnGroups: [[Int]] {
    var groups: [[Int]] = [[]]
    var used = widths[0]
    for column in widths.indices.dropFirst() {
      let needed = Self.gap.count + widths[column]
      if used + needed > Self.width, !groups[groups.count - 1].isEmpty {
        groups.append([])
        used = widths[0]
      }
      groups[groups.count - 1].append(column)
      used += needed
    }
    return groups
  }

  private func text(of columns: [Int]) -> String {
    rows.map { row in
      let cells = columns.map { padding(row[$0], $0) + row[$0] }
      let line = ([row[0] + padding(row[0], 0)] + cells).joined(separator: Self.gap)
      return line.replacing(#/ +$/#, with: "")
    }.joined(separator: "\n")
  }

  private func padding(_ cell: String, _ column: Int) -> String {
    String(repeating: " ", count: widths[column] - cell.count)
  }
}

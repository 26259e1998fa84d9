/// What moves in a report: sorting of tables, and the slice viewers.
enum ReportScript {
  /// - Parameter colors: of the classes, as CSS, from class 1.
  static func source(colors: [String]) -> String {
    """
    const colors = [\(colors.map { "\"\($0)\"" }.joined(separator: ", "))];
    \(sorting)
    \(viewing)
    """
  }

  /// A click on a heading sorts the table by its column, a second click the other way; what is absent comes last.
  private static let sorting = """
    for (const head of document.querySelectorAll("table.sortable th")) {
      head.addEventListener("click", () => {
        const table = head.closest("table"), column = head.cellIndex, body = table.tBodies[0];
        const descending = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        const sign = descending ? -1 : 1;
        const compare = (a, b) => {
          const [x, y] = [a, b].map(row => row.cells[column].textContent);
          const [m, n] = [parseFloat(x), parseFloat(y)];
          if (column > 1) return isNaN(m) || isNaN(n) ? isNaN(m) - isNaN(n) : sign * (m - n);
          return sign * x.localeCompare(y, undefined, {numeric: true});
        };
        body.append(...[...body.rows].sort(compare));
      });
    }
    """

  /// Draws a slice, fills the prediction's classes and outlines both masks; the wheel scrolls through the slices.
  private static let viewing = """
    const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
    for (const figure of document.querySelectorAll(".viewer")) {
      const [ni, nj, nk] = figure.dataset.extents.split(" ").map(Number);
      const [si, sj] = figure.dataset.spacing.split(" ").map(Number);
      const scan = bytes(figure.dataset.scan);
      const masks = {truth: bytes(figure.dataset.truth), prediction: bytes(figure.dataset.prediction)};
      const canvas = figure.querySelector("canvas"), context = canvas.getContext("2d");
      const find = name => figure.querySelector("." + name);
      const scale = Math.min(480 / (ni * si), 480 / (nj * sj));
      const [w, h] = [si * scale, sj * scale];
      [canvas.width, canvas.height] = [Math.round(ni * w), Math.round(nj * h)];
      const small = document.createElement("canvas");
      [small.width, small.height] = [ni, nj];
      const outline = (mask, k, dash) => {
        const at = (i, j) => i < 0 || j < 0 || i >= ni || j >= nj ? 0 : mask[(k * nj + j) * ni + i];
        context.setLineDash(dash);
        context.lineWidth = 2;
        for (let label = 1; label <= colors.length; label++) {
          context.strokeStyle = colors[label - 1];
          context.beginPath();
          for (let j = 0; j < nj; j++) {
            for (let i = 0; i < ni; i++) {
              if (at(i, j) !== label) continue;
              const [x, y] = [i * w, (nj - 1 - j) * h];
              const line = (a, b, c, d) => { context.moveTo(a, b); context.lineTo(c, d); };
              if (at(i - 1, j) !== label) line(x, y, x, y + h);
              if (at(i + 1, j) !== label) line(x + w, y, x + w, y + h);
              if (at(i, j + 1) !== label) line(x, y, x + w, y);
              if (at(i, j - 1) !== label) line(x, y + h, x + w, y + h);
            }
          }
          context.stroke();
        }
      };
      const draw = () => {
        const k = Number(find("slice").value);
        find("number").textContent = (k + 1) + " of " + nk;
        const image = small.getContext("2d").createImageData(ni, nj);
        for (let j = 0; j < nj; j++) {
          for (let i = 0; i < ni; i++) {
            const shade = scan[(k * nj + j) * ni + i];
            image.data.set([shade, shade, shade, 255], 4 * ((nj - 1 - j) * ni + i));
          }
        }
        small.getContext("2d").putImageData(image, 0, 0);
        context.globalAlpha = 1;
        context.drawImage(small, 0, 0, canvas.width, canvas.height);
        context.globalAlpha = find("opacity").value / 100;
        for (let j = 0; j < nj; j++) {
          for (let i = 0; i < ni; i++) {
            const label = masks.prediction[(k * nj + j) * ni + i];
            if (!label || !find("show-prediction").checked) continue;
            context.fillStyle = colors[label - 1];
            context.fillRect(i * w, (nj - 1 - j) * h, w, h);
          }
        }
        context.globalAlpha = 1;
        if (find("show-truth").checked) outline(masks.truth, k, []);
        if (find("show-prediction").checked) outline(masks.prediction, k, [5, 4]);
      };
      figure.addEventListener("input", draw);
      canvas.addEventListener("wheel", event => {
        event.preventDefault();
        find("slice").value = Number(find("slice").value) + Math.sign(event.deltaY);
        draw();
      });
      draw();
    }
    """
}

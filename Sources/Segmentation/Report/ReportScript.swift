/// What moves in a report: sorting of tables, and the viewers of cases.
enum ReportScript {
  /// - Parameter colors: of the classes, from class 1.
  static func source(colors: [Picture.Color]) -> String {
    let list = colors.map { "[\($0.red), \($0.green), \($0.blue)]" }.joined(separator: ", ")
    return """
      const colors = [\(list)];
      \(sorting)
      \(planes)
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

  /// One plane of a volume on a canvas: the axis `across` to the right, the axis `up` up, at a place on the axis `normal`.
  private static let planes = """
    class Plane {
      constructor(canvas, volume, normal) {
        [this.canvas, this.volume, this.normal] = [canvas, volume, normal];
        [this.across, this.up] = [0, 1, 2].filter(axis => axis !== normal);
        const {extents, spacing} = volume;
        const scale = 480 / Math.max(...extents.map((n, axis) => n * spacing[axis]));
        [this.w, this.h] = [spacing[this.across] * scale, spacing[this.up] * scale];
        [this.columns, this.rows] = [extents[this.across], extents[this.up]];
        canvas.width = Math.max(1, Math.round(this.columns * this.w));
        canvas.height = Math.max(1, Math.round(this.rows * this.h));
        this.small = document.createElement("canvas");
        [this.small.width, this.small.height] = [this.columns, this.rows];
      }
      index(point, a, b) {
        const {strides} = this.volume;
        return point[this.normal] * strides[this.normal] + a * strides[this.across] + b * strides[this.up];
      }
      pointAt(event, point) {
        const box = this.canvas.getBoundingClientRect(), moved = [...point];
        moved[this.across] = Math.floor((event.clientX - box.left) / box.width * this.columns);
        moved[this.up] = Math.floor((box.bottom - event.clientY) / box.height * this.rows);
        return moved;
      }
      draw(point, shown) {
        const small = this.small.getContext("2d"), context = this.canvas.getContext("2d");
        const image = small.createImageData(this.columns, this.rows), {scan, truth, prediction} = this.volume;
        for (let b = 0; b < this.rows; b++) {
          for (let a = 0; a < this.columns; a++) {
            const at = this.index(point, a, b), label = prediction[at], shade = scan[at];
            const opacity = shown.prediction && shown.classes[label] ? shown.opacity : 0;
            const color = colors[label - 1] ?? [0, 0, 0];
            const mixed = color.map(value => value * opacity + shade * (1 - opacity));
            image.data.set([...mixed, 255], 4 * ((this.rows - 1 - b) * this.columns + a));
          }
        }
        small.putImageData(image, 0, 0);
        context.drawImage(this.small, 0, 0, this.canvas.width, this.canvas.height);
        if (shown.truth) this.outline(truth, point, shown, []);
        if (shown.prediction) this.outline(prediction, point, shown, [5, 4]);
        if (shown.cross) this.cross(point);
        this.letters();
      }
      letters() {
        const context = this.canvas.getContext("2d"), {width, height} = this.canvas, {ends} = this.volume;
        if (ends.length < 3 || Math.min(width, height) < 80) return;
        const [left, right] = ends[this.across], [bottom, top] = ends[this.up], x = width / 2, y = height / 2;
        Object.assign(context, {
          font: "bold 16px sans-serif", textAlign: "center", textBaseline: "middle", lineWidth: 3,
          strokeStyle: "#000", fillStyle: "#fff"});
        context.setLineDash([]);
        const places = [[left, 12, y], [right, width - 12, y], [top, x, 12], [bottom, x, height - 12]];
        for (const place of places) { context.strokeText(...place); context.fillText(...place); }
      }
      outline(mask, point, shown, dash) {
        const context = this.canvas.getContext("2d"), {columns, rows, w, h} = this;
        const inside = (a, b) => a >= 0 && b >= 0 && a < columns && b < rows;
        const at = (a, b) => inside(a, b) ? mask[this.index(point, a, b)] : 0;
        context.setLineDash(dash);
        context.lineWidth = 2;
        for (let label = 1; label <= colors.length; label++) {
          if (!shown.classes[label]) continue;
          context.strokeStyle = "rgb(" + colors[label - 1] + ")";
          context.beginPath();
          const line = (x, y, u, v) => { context.moveTo(x, y); context.lineTo(u, v); };
          for (let b = 0; b < rows; b++) {
            for (let a = 0; a < columns; a++) {
              if (at(a, b) !== label) continue;
              const [x, y] = [a * w, (rows - 1 - b) * h];
              if (at(a - 1, b) !== label) line(x, y, x, y + h);
              if (at(a + 1, b) !== label) line(x + w, y, x + w, y + h);
              if (at(a, b + 1) !== label) line(x, y, x + w, y);
              if (at(a, b - 1) !== label) line(x, y + h, x + w, y + h);
            }
          }
          context.stroke();
        }
      }
      cross(point) {
        const context = this.canvas.getContext("2d"), {width, height} = this.canvas;
        const x = (point[this.across] + 0.5) * this.w, y = height - (point[this.up] + 0.5) * this.h, gap = 8;
        context.setLineDash([]);
        context.lineWidth = 1;
        context.strokeStyle = "rgba(255,255,255,.75)";
        context.beginPath();
        const lines = [[0, y, x - gap, y], [x + gap, y, width, y], [x, 0, x, y - gap], [x, y + gap, x, height]];
        for (const [a, b, c, d] of lines) { context.moveTo(a, b); context.lineTo(c, d); }
        context.stroke();
      }
    }
    """

  /// Three planes through one point, which pointer, wheel, sliders and keys move.
  private static let viewing = """
    const unpacked = async text => {
      const packed = Uint8Array.from(atob(text), c => c.charCodeAt(0));
      const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
      return new Uint8Array(await new Response(stream).arrayBuffer());
    };
    const show = async figure => {
      const numbers = name => figure.dataset[name].split(" ").map(Number);
      const [extents, spacing, origin, steps] = ["extents", "spacing", "origin", "steps"].map(numbers);
      const all = await unpacked(figure.dataset.volumes), size = extents[0] * extents[1] * extents[2];
      const [scan, truth, prediction] = [0, 1, 2].map(n => all.subarray(n * size, (n + 1) * size));
      const ends = figure.dataset.ends.split(" ").filter(pair => pair.length === 2);
      const strides = [1, extents[0], extents[0] * extents[1]];
      const volume = {extents, spacing, strides, ends, scan, truth, prediction};
      const find = name => figure.querySelector("." + name);
      const sliders = [0, 1, 2].map(axis => figure.querySelector("input[data-axis='" + axis + "']"));
      const planes = [...figure.querySelectorAll("canvas")].map(
        canvas => new Plane(canvas, volume, Number(canvas.dataset.axis)));
      const first = sliders.map(slider => Number(slider.value));
      let point = first;
      const draw = () => {
        const classes = Array(256).fill(true);
        for (const box of figure.querySelectorAll("input.class")) classes[box.value] = box.checked;
        const shown = {
          classes, truth: find("show-truth").checked, prediction: find("show-prediction").checked,
          cross: find("show-cross").checked, opacity: find("opacity").value / 100};
        for (const plane of planes) plane.draw(point, shown);
        find("place").textContent = "Voxel " + point.map((n, axis) => origin[axis] + n * steps[axis]).join(", ");
      };
      const move = to => {
        point = to.map((n, axis) => Math.min(Math.max(n, 0), extents[axis] - 1));
        point.forEach((n, axis) => sliders[axis].value = n);
        draw();
      };
      const moveAlong = (axis, by) => move(point.map((n, other) => other === axis ? n + by : n));
      const toggle = box => { if (box) { box.checked = !box.checked; draw(); } };
      figure.addEventListener("input", () => move(sliders.map(slider => Number(slider.value))));
      for (const plane of planes) {
        const follow = event => move(plane.pointAt(event, point));
        plane.canvas.addEventListener("pointerdown", event => { figure.focus({preventScroll: true}); follow(event); });
        plane.canvas.addEventListener("pointermove", event => { if (event.buttons) follow(event); });
        plane.canvas.addEventListener("wheel", event => {
          event.preventDefault();
          moveAlong(plane.normal, Math.sign(event.deltaY));
        });
      }
      const keys = {
        ArrowLeft: () => moveAlong(0, -1), ArrowRight: () => moveAlong(0, 1),
        ArrowDown: () => moveAlong(1, -1), ArrowUp: () => moveAlong(1, 1),
        PageDown: () => moveAlong(2, -1), PageUp: () => moveAlong(2, 1), Home: () => move(first),
        t: () => toggle(find("show-truth")), p: () => toggle(find("show-prediction")),
        c: () => toggle(find("show-cross"))};
      figure.addEventListener("keydown", event => {
        const isSlider = event.target.type === "range" && event.key.length > 1;
        if (isSlider || event.ctrlKey || event.metaKey || event.altKey) return;
        const toggled = figure.querySelector("input.class[value='" + CSS.escape(event.key) + "']");
        const action = toggled ? () => toggle(toggled) : keys[event.key];
        if (!action) return;
        event.preventDefault();
        action();
      });
      draw();
    };
    for (const figure of document.querySelectorAll(".viewer")) {
      show(figure).catch(() => figure.querySelector(".place").textContent =
        "This browser does not unpack pictures; take one of 2023 or later.");
    }
    """
}

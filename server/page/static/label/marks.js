// What reviews and issues add to the picture: pins at objects, outlines of what was changed.

/** Pins at objects with an open issue. @param {import("./stage.js").Stage} stage @param {CanvasRenderingContext2D} context */
export function paintPins(stage, context) {
  const pinned = stage.work.pinned.peek();
  if (!pinned.size) return;
  for (const { object, box } of stage.drawn) {
    const [x, y] = stage.toScreen({ x: box.right, y: box.top });
    if (object.annotation.mid && pinned.has(object.annotation.mid)) pin(context, [x + 12, y - 12]);
  }
}

/** Dashed outlines of what a reviewer has changed. @param {import("./stage.js").Stage} stage @param {CanvasRenderingContext2D} context */
export function paintChanges(stage, context) {
  const compared = stage.work.compared.peek();
  if (!compared) return;
  for (const drawn of stage.drawn) {
    const { annotation, job } = drawn.object;
    const before = /** @type {any} */ (compared)[job.name]?.annotations;
    if (!(Array.isArray(before) && before.some((one) => one === annotation || (one?.mid === annotation.mid && JSON.stringify(one) === JSON.stringify(annotation))))) {
      const [path, dots] = [new Path2D(), new Path2D()];
      stage.trace(drawn.shape, path, dots);
      context.setLineDash([6, 4]);
      context.lineWidth = 9;
      context.strokeStyle = "rgb(255 214 10 / 90%)";
      context.stroke(path);
      context.stroke(dots);
      context.setLineDash([]);
    }
  }
}

/** @param {CanvasRenderingContext2D} context @param {[number, number]} place */
function pin(context, [x, y]) {
  context.fillStyle = "#b3261e";
  context.strokeStyle = "#ffffff";
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, 9, 0, 2 * Math.PI);
  context.fill();
  context.stroke();
  context.fillStyle = "#ffffff";
  context.font = "700 13px system-ui, sans-serif";
  context.textAlign = "center";
  context.fillText("!", x, y + 4.5);
  context.textAlign = "start";
}

// Sorting, filters and search over tables that are whole without it.
(() => {
  "use strict";
  const all = (s, at = document) => [...at.querySelectorAll(s)];
  const make = (tag, props = {}, ...inside) => {
    const e = Object.assign(document.createElement(tag), props);
    e.append(...inside);
    return e;
  };
  const text = (row, i) => row.cells[i] ? row.cells[i].textContent.trim() : "";
  // A number as people write it: 1,200 USD, -3d, ~12 %; null for a text.
  const number = (s) => {
    const m = s.match(/^[~<>]?\s*(-?[\d,]+(?:\.\d+)?)\s*(?:%|d|h|m|s|[A-Z]{3})?$/);
    return m ? Number(m[1].replaceAll(",", "")) : null;
  };
  // A day may have its weekday before it.
  const key = (s) => s.replace(/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?=\d{4}-)/, "");
  const compare = (a, b) => {
    if (a === "" || b === "") return (a === "") - (b === "");
    const x = number(a), y = number(b);
    return x !== null && y !== null ? x - y : key(a).localeCompare(key(b), "en", { numeric: true });
  };

  const shows = []; // one function a table, which hides what the filters leave out
  const search = make("input", { type: "search", placeholder: "cluster, SLO, alert, file …" });

  const sortable = (table) => {
    const body = table.tBodies[0], heads = all("thead th", table), first = [...body.rows];
    heads.forEach((th, i) => {
      const button = make("button", { type: "button", title: "Sort" }, ...th.childNodes);
      th.replaceChildren(button);
      button.addEventListener("click", () => {
        const was = th.getAttribute("aria-sort");
        heads.forEach((h) => h.removeAttribute("aria-sort"));
        const next = was === null ? "ascending" : was === "ascending" ? "descending" : null;
        const rows = [...first], sign = next === "descending" ? -1 : 1;
        if (next) {
          th.setAttribute("aria-sort", next);
          rows.sort((a, b) => text(a, i) === "" || text(b, i) === "" ? compare(text(a, i), text(b, i)) : sign * compare(text(a, i), text(b, i)));
        }
        body.append(...rows);
      });
    });
  };

  const filtered = /^(team|environment|provider|severity|state|channel|group|became|disposition|decision|id|chart|version|verdict|hop)$/;
  const filterable = (table) => {
    const rows = [...table.tBodies[0].rows], tools = make("div", { className: "tools" }), picks = [];
    all("thead th", table).forEach((th, i) => {
      const name = th.textContent, values = [...new Set(rows.map((r) => text(r, i)))].sort((a, b) => compare(a, b));
      if (!filtered.test(name) || values.length < 2 || values.length > 60) return;
      const select = make("select", {}, make("option", { value: "*" }, "all"), ...values.map((v) => make("option", { value: "=" + v }, v || "none")));
      picks.push([select, i]);
      tools.append(make("label", {}, name + " ", select));
    });
    const count = make("span", { role: "status" });
    const show = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let n = 0;
      rows.forEach((r) => {
        const line = words.length ? r.textContent.toLowerCase() : "";
        r.hidden = !(picks.every(([s, i]) => s.value === "*" || s.value === "=" + text(r, i)) && words.every((w) => line.includes(w)));
        n += r.hidden ? 0 : 1;
      });
      count.textContent = n < rows.length ? n + " of " + rows.length + " rows" : rows.length + " rows";
    };
    picks.forEach(([s]) => s.addEventListener("change", show));
    tools.append(count);
    table.parentElement.before(tools);
    shows.push(show);
    show();
  };

  const tables = all("main table").filter((t) => t.tBodies[0].rows.length > 1);
  tables.forEach(sortable);
  tables.filter((t) => t.tBodies[0].rows.length > 7).forEach(filterable);
  if (shows.length) {
    const every = () => shows.forEach((f) => f());
    search.value = new URLSearchParams(location.hash.slice(1)).get("q") || "";
    search.addEventListener("input", () => {
      history.replaceState(null, "", search.value ? "#" + new URLSearchParams({ q: search.value }) : location.pathname + location.search);
      every();
    });
    document.querySelector("header").append(make("div", { className: "tools" }, make("label", {}, "Find in all tables ", search)));
    every();
  }
  // Charts are as wide as the page, and are stretched together: places are multiplied, the sizes of texts and marks stay.
  const plotOf = (svg) => {
    const frame = svg.closest(".scroll"), labels = svg.previousElementSibling, fluid = svg.matches(".fluid");
    const parts = fluid ? [] : all("rect, line, path, text", svg).map((e) => [e, e.matches("text") ? Number(e.getAttribute("x")) :
      e.matches(".mark") ? parseFloat(e.getAttribute("d").slice(1)) : null]);
    const p = { svg, frame, fluid, parts, from: Number(svg.dataset.from), to: Number(svg.dataset.to), wide: Number(svg.dataset.wide), factor: 1 };
    p.named = Boolean(svg.querySelector(".mark, .name")) && !svg.querySelector(".limit, .area");
    p.total = fluid ? 0 : svg.width.baseVal.value;
    p.room = () => Math.max(200, frame.clientWidth - (labels ? labels.getBoundingClientRect().width : 0) - (p.total - p.wide) - 2);
    p.x = (at) => (at - p.from) / (p.to - p.from) * (fluid ? svg.getBoundingClientRect().width : p.wide * p.factor);
    return p;
  };
  const rename = (p) => { // texts beside bars and diamonds, wherever there is room now
    all(".name", p.svg).forEach((e) => e.remove());
    const lines = Map.groupBy(all(".span, .mark", p.svg).map((e) => {
      const mark = e.matches(".mark"), at = (mark ? parseFloat(e.getAttribute("d").slice(1)) : Number(e.getAttribute("x"))) * p.factor;
      const y = mark ? Number(e.getAttribute("d").split(/[ l]/)[1]) + 10 : Number(e.getAttribute("y")) + 13;
      const end = mark ? at + 6 : at + Number(e.getAttribute("width")) * p.factor;
      return { e, y, from: mark ? at - 6 : at, end, mark, label: e.textContent.replace(/, \d{4}-\d\d-\d\d.*$/s, "") };
    }), (o) => o.y);
    lines.forEach((line) => line.forEach((o) => {
      const width = o.label.length * 6.4, inside = !o.mark && width + 8 <= o.end - o.from;
      const at = inside ? Math.max(o.from, Math.min(p.frame.scrollLeft, o.end - width - 8)) : o.end; // in sight as long as its bar is
      const free = at + 4 + width < p.wide * p.factor && line.every((q) => q === o || q.from >= at + 4 + width || Math.max(q.end, q.told || 0) <= at);
      if (!o.label || !inside && !free) return;
      if (!inside) o.told = at + 4 + width;
      const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
      text.setAttribute("class", "name");
      text.setAttribute("x", at + 4);
      text.setAttribute("y", o.y);
      text.textContent = o.label;
      o.e.after(text);
    }));
  };
  const stretch = (p, zoom) => {
    if (!p.frame.clientWidth) return; // folded
    if (p.fluid) {
      p.svg.style.flex = zoom === 1 ? "" : "0 0 " + p.room() * zoom + "px";
      return;
    }
    p.factor = Math.max(1, p.room() / p.wide) * zoom;
    p.svg.setAttribute("width", p.wide * p.factor + p.total - p.wide);
    p.parts.forEach(([e, x]) => e.matches("text") ? e.setAttribute("x", (x - 3) * p.factor + 3) :
      e.setAttribute("transform", x === null ? "scale(" + p.factor + " 1)" : "translate(" + x * (p.factor - 1) + ")"));
    if (p.named) rename(p);
  };
  const plots = all("svg.plot[data-to]").map(plotOf).filter((p) => p.to > p.from);
  if (plots.length) {
    let zoom = 1;
    const said = make("span", { role: "status" });
    const pointed = (at) => plots.forEach((p) => {
      p.line = p.line || p.svg.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "line"));
      const x = p.x(at), set = { class: "cursor", x1: x, x2: x, y1: 0, y2: "100%", visibility: at < p.from || at > p.to ? "hidden" : "visible" };
      Object.entries(set).forEach(([k, v]) => p.line.setAttribute(k, v));
    });
    const show = (next, at) => {
      zoom = Math.min(40, Math.max(1, next));
      plots.forEach((p) => {
        stretch(p, zoom);
        if (at) p.frame.scrollLeft = p.x(at);
        if (p.line) p.line.setAttribute("visibility", "hidden");
      });
    };
    const press = (name, label, to) => {
      const b = make("button", { type: "button", title: label }, name);
      b.setAttribute("aria-label", label);
      b.addEventListener("click", () => { quarter.value = ""; show(to()); });
      return b;
    };
    const quarter = make("select", {}, make("option", { value: "" }, "all"));
    const first = plots.find((p) => !p.fluid) || plots[0], day = new Date(first.from * 1000);
    for (let at = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - day.getUTCMonth() % 3)); at / 1000 < first.to; at.setUTCMonth(at.getUTCMonth() + 3)) {
      quarter.append(make("option", { value: at / 1000 }, at.getUTCFullYear() + "Q" + (at.getUTCMonth() / 3 + 1)));
    }
    quarter.addEventListener("change", () => show(quarter.value ? (first.to - first.from) / (92 * 86400) : 1, Number(quarter.value)));
    const tools = make("div", { className: "tools zoom" }, "Zoom ", press("−", "Zoom out", () => zoom / 1.5), press("+", "Zoom in", () => zoom * 1.5),
      press("whole", "Show the whole time", () => 1));
    if (first.to - first.from > 100 * 86400) tools.append(make("label", {}, "quarter ", quarter));
    tools.append(said);
    const place = first.svg.closest("details.part") || first.svg.closest("figure");
    place.before(tools);
    plots.forEach((p) => p.frame.addEventListener("pointermove", (e) => {
      const box = p.svg.getBoundingClientRect(), at = p.from + (e.clientX - box.left) / (p.fluid ? box.width : p.wide * p.factor) * (p.to - p.from);
      if (at < p.from || at > p.to) return;
      pointed(at);
      said.textContent = new Date(at * 1000).toISOString().slice(0, first.to - first.from > 100 * 86400 ? 10 : 16).replace("T", " ");
    }));
    all("details.part").forEach((d) => d.addEventListener("toggle", () => show(zoom)));
    addEventListener("resize", () => show(zoom));
    plots.filter((p) => p.named).forEach((p) => p.frame.addEventListener("scroll", () => rename(p), { passive: true }));
    show(1);
  }
  // What is folded is printed too.
  let folded = [];
  addEventListener("beforeprint", () => { folded = all("details.part:not([open])"); folded.forEach((d) => { d.open = true; }); });
  addEventListener("afterprint", () => folded.forEach((d) => { d.open = false; }));
})();

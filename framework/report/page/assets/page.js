"use strict";
(function () {
  const all = (selector, root) => [...(root || document).querySelectorAll(selector)];
  const form = document.getElementById("filter");
  const told = document.getElementById("shown");
  const cards = all("li.spec");
  const texts = new Map();
  const textOf = (card) => {
    if (!texts.has(card)) texts.set(card, card.textContent.toLowerCase());
    return texts.get(card);
  };

  // The filter: what is chosen is in the address, so that a view can be linked.
  const chosen = () => ({
    q: form.q.value.trim().toLowerCase(),
    verdict: all("input[name=verdict]", form).filter((box) => box.checked).map((box) => box.value),
    topic: form.topic.value,
    release: form.release ? form.release.value : "",
  });

  function apply() {
    const want = chosen();
    const words = want.q.split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const card of cards) {
      const data = card.dataset;
      card.hidden = !(want.verdict.includes(data.verdict) && (!want.topic || data.topic === want.topic) &&
        (!want.release || data.release === want.release) && words.every((word) => textOf(card).includes(word)));
      if (!card.hidden) shown++;
    }
    for (const group of all(".group")) {
      const left = all("li.spec:not([hidden])", group).length;
      group.hidden = left === 0;
      group.querySelector(".count").textContent = left;
    }
    told.textContent = shown + " of " + cards.length + " specs shown";
  }

  function write() {
    const want = chosen();
    const boxes = all("input[name=verdict]", form);
    const parts = new URLSearchParams();
    if (want.q) parts.set("q", form.q.value.trim());
    if (want.verdict.length < boxes.length) parts.set("verdict", want.verdict.join(","));
    if (want.topic) parts.set("topic", want.topic);
    if (want.release) parts.set("release", want.release);
    const text = parts.toString();
    history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
  }

  function read() {
    const fragment = location.hash.slice(1);
    if (fragment && !fragment.includes("=")) return reveal(fragment);
    const parts = new URLSearchParams(fragment);
    form.q.value = parts.get("q") || "";
    const verdicts = parts.has("verdict") ? parts.get("verdict").split(",") : null;
    for (const box of all("input[name=verdict]", form)) box.checked = !verdicts || verdicts.includes(box.value);
    form.topic.value = parts.get("topic") || "";
    if (form.topic.selectedIndex < 0) form.topic.value = "";
    if (form.release) {
      form.release.value = parts.get("release") || "";
      if (form.release.selectedIndex < 0) form.release.value = "";
    }
    apply();
    if (fragment) document.getElementById("specs").scrollIntoView();
  }

  // A link to something closed or filtered away opens it.
  function reveal(id) {
    const target = document.getElementById(id);
    if (!target) return;
    const card = target.closest("li.spec");
    if (card && card.hidden) {
      form.reset();
      apply();
    }
    const own = target.querySelector(":scope > details");
    if (own) own.open = true;
    for (let up = target; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
    target.scrollIntoView();
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => { apply(); write(); });
  form.addEventListener("reset", () => setTimeout(() => { apply(); write(); }));
  addEventListener("hashchange", read);
  document.getElementById("open").addEventListener("click", () => set(true));
  document.getElementById("close").addEventListener("click", () => set(false));
  function set(open) {
    for (const card of cards) if (!card.hidden) card.querySelector("details").open = open;
  }

  // What is printed is open.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = all("details:not([open])");
    for (const one of closed) one.open = true;
    draw();
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
    closed = [];
    draw();
  });

  // The plots.
  const drawn = new Map();
  const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  function draw() {
    for (const plot of JSON.parse(document.getElementById("plots").textContent) || []) {
      const place = document.getElementById(plot.id);
      if (!place) continue;
      if (drawn.has(plot.id)) drawn.get(plot.id).destroy();
      const axis = { stroke: style("--ink"), grid: { stroke: style("--rule"), width: 1 }, ticks: { stroke: style("--rule"), width: 1 } };
      const colours = ["--line-1", "--line-2", "--line-3"];
      drawn.set(plot.id, new uPlot({
        width: Math.max(280, Math.min(place.clientWidth, 900)), height: 300, title: plot.title,
        scales: { x: { time: false, distr: 3 }, y: { range: [0, 100] } },
        axes: [
          Object.assign({ label: plot.x, values: (u, ticks) => ticks.map((t) => (t === null || Math.log10(t) % 1 > 1e-9 && Math.abs(Math.log10(t) % 1 - 1) > 1e-9 ? "" : String(t))) }, axis),
          Object.assign({ label: plot.y }, axis),
        ],
        series: [{ label: plot.x }].concat(plot.lines.map((line, i) => ({
          label: line.name, stroke: style(colours[i % 3]), width: 2, dash: [[], [8, 4], [2, 3]][i % 3], spanGaps: true, points: { show: false },
          value: (u, value) => (value === null ? "–" : value + " %"),
        }))),
      }, [plot.times].concat(plot.lines.map((line) => line.values)), place));
    }
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  let resizing = 0;
  addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(draw, 150); });

  document.documentElement.classList.add("scripted");
  read();
  draw();
})();

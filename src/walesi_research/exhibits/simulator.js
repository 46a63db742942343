// The sliders of a plan. It computes what Simulator.outcome does and says what simulator_words.told does:
// the browser's tests hold one against the other. Nothing is fetched, nothing kept.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const words = data.words, form = byId("plan");
  const inputs = [...form.querySelectorAll("input")];
  const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // draws are whole numbers of two bytes, lowest first, of each lever's grain
  for (const lever of data.levers) {
    const bytes = Uint8Array.from(atob(lever.draws), (c) => c.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    lever.draws = Array.from({length: bytes.length / 2}, (_, b) => view.getInt16(2 * b, true) * lever.grain);
  }

  // numbers: ties go to the even digit, as in Python
  function fixed(x, digits) {
    const near = Math.abs(x).toFixed(digits);
    const rest = Math.abs(x).toFixed(digits + 30).slice(-30);
    const up = /^50*$/.test(rest) && "13579".includes(near.slice(-1));
    const text = up ? (Number(near) - 10 ** -digits).toFixed(digits) : near;
    return x < 0 && Number(text) ? -Number(text) : Number(text);
  }
  function write(x, digits) {
    const value = fixed(x, digits);
    const [whole, part] = Math.abs(value).toFixed(digits).split(".");
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, data.thousands);
    return (value < 0 ? "\u2212" : "") + grouped + (part ? data.decimal + part : "");
  }
  function rupiah(x) {
    const size = data.money.find(([least]) => x >= least);
    if (!size) return say(words.rupiah, {x: write(x, 0)});
    const part = x / size[0];
    return say(words[size[1]], {x: write(part, part < 100 && fixed(part, 1) % 1 > 0 ? 1 : 0)});
  }
  function between(low, high, digits) {
    const ends = {low: write(low, digits), high: write(high, digits)};
    return say((ends.low + ends.high).includes("\u2212") ? words.to : words.between, ends);
  }
  function decimals(low, high, least) {
    const told = (d) => fixed(low, d) !== fixed(high, d) && [low, high].every((x) => fixed(x, d) || !x);
    return told(least) ? least : told(least + 1) ? least + 1 : least + 2;
  }
  function ofHundred(share) {
    if (share > 0 && share < 0.01) return say(words.less, {x: 1});
    if (share > 0.99 && share < 1) return say(words.more, {x: 99});
    return write(Math.floor(100 * share + 1e-9), 0);
  }

  // numpy's linear percentile of sorted values
  function quantile(sorted, share) {
    const at = share * (sorted.length - 1), k = Math.floor(at), t = at - k;
    const a = sorted[k], b = sorted[Math.min(k + 1, sorted.length - 1)];
    return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
  }

  function outcome(coverage, at, budget) {
    const moved = data.levers.map((lever, k) => lever.response[at[k]]);
    const sum = (value) => data.levers.reduce((total, lever, k) => total + moved[k] * value(lever), 0);
    const price = sum((lever) => lever.cost || 0), full = data.people * price;
    const reached = budget === undefined || full <= 0 ? coverage : Math.min(coverage, budget / full);
    const gains = data.levers[0].draws.map((_, b) => reached * sum((lever) => lever.draws[b]));
    const above = gains.filter((gain) => gain > 0).length / gains.length;
    gains.sort((a, b) => a - b);
    const labels = (test) => data.levers.filter(test).map((lever) => lever.label);
    const unpriced = labels((lever) => moved[data.levers.indexOf(lever)] && lever.cost === null);
    return {
      estimate: reached * sum((lever) => lever.effect),
      low: quantile(gains, (1 - data.level) / 2), high: quantile(gains, (1 + data.level) / 2),
      above, coverage, reached, unpriced,
      cost: unpriced.length || !data.priced ? null : data.people * reached * price,
      beyond: labels((lever) => at[data.levers.indexOf(lever)] >= lever.beyond),
    };
  }

  function verdict(o) {
    if (o.estimate === 0 && o.low === 0 && o.high === 0) return "none";
    if (Math.min(o.low, o.estimate) > 0) return "up";
    return Math.max(o.high, o.estimate) < 0 ? "down" : "open";
  }
  function point(o, judged) {
    if (!o.cost) return "";
    if (judged !== "up") return words["point_" + judged];
    const [cost, low, high] = [o.estimate, o.high, o.low].map((gain) => rupiah(o.cost / gain));
    return say(words.point, {cost, low, high});
  }
  function told(o) {
    const judged = verdict(o), sign = judged === "down" ? -1 : 1;
    const places = decimals(o.low, o.high, data.digits);
    const [low, high] = [sign * o.low, sign * o.high].sort((a, b) => a - b);
    const naming = (text, levers) => levers.length ? say(text, {levers: levers.join(", ")}) : "";
    const cost = o.cost === null ? naming(words.unpriced, o.unpriced) : say(words.cost, {cost: rupiah(o.cost)});
    return {
      gain: say(words["gain_" + judged], {gain: write(sign * o.estimate, places), range: between(low, high, places)}),
      sure: judged === "none" ? "" : say(words.sure, {times: ofHundred(o.above)}),
      reach: o.reached >= o.coverage ? "" :
        say(words.reach, {reached: ofHundred(o.reached), planned: ofHundred(o.coverage)}),
      cost: judged === "none" || !data.priced ? "" : cost,
      point: point(o, judged),
      beyond: naming(words.beyond, o.beyond),
    };
  }

  function draw(o) {
    const [low, high, left, right] = data.scale, judged = verdict(o), places = decimals(o.low, o.high, data.digits);
    const x = (gain) => left + (Math.min(Math.max(gain, low), high) - low) / (high - low) * (right - left);
    byId("bar").setAttribute("d", `M${x(o.low)} ${data.y}H${x(o.high)}`);
    byId("dot").setAttribute("transform", `translate(${x(o.estimate)} ${data.y})`);
    byId("mark").setAttribute("class", {up: "yes", down: "no"}[judged] || "open");
    for (const [id, gain, aside, down] of [["gain", o.estimate, 0, -14], ["low", o.low, -8, 4.5], ["high", o.high, 8, 4.5]]) {
      const label = byId(id);
      label.textContent = judged === "none" ? "" : write(gain, places);
      label.setAttribute("x", x(gain) + aside + clear(x(gain) + aside, label.getComputedTextLength(), aside, x(0), gain));
      label.setAttribute("y", data.y + down);
    }
  }
  // how far a label must step aside so as not to lie on the line of zero: a middle one to its own side
  function clear(at, wide, aside, zero, gain) {
    const left = at - (aside < 0 ? wide : aside ? 0 : wide / 2), right = left + wide;
    if (left > zero + 2 || right < zero - 2) return 0;
    return aside < 0 || (!aside && gain < 0) ? zero - 5 - right : zero + 5 - left;
  }

  // what is said aloud waits until the sliders rest
  let waiting;
  function speak(text) {
    clearTimeout(waiting);
    waiting = setTimeout(() => { byId("spoken").textContent = text; }, 700);
  }

  function update(event) {
    const at = Object.fromEntries(inputs.map((input) => [input.name, Number(input.value)]));
    for (const input of inputs) {
      const text = data.texts[input.name][at[input.name]];
      input.setAttribute("aria-valuetext", text);
      byId(input.id + "-text").textContent = text;
    }
    const o = outcome(data.coverages[at.coverage], data.levers.map((_, k) => at["lever" + k]), data.budgets[at.budget]);
    const said = told(o);
    for (const [name, text] of Object.entries(said)) {
      byId("said-" + name).textContent = text;
      byId("said-" + name).hidden = !text;
    }
    draw(o);
    byId("drawing").setAttribute("aria-label", [said.gain, data.invented].join(" ").trim());
    for (const name of ["estimate", "low", "high", "above", "reached", "cost"]) form.dataset[name] = o[name];
    if (event) speak([said.gain, said.reach, said.beyond].filter(Boolean).join(" "));
  }

  form.addEventListener("input", update);
  form.addEventListener("reset", () => setTimeout(() => update(true)));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  update();
})();

/* The sentences of hwadmin/queries/order_warnings.py, as one types. A test holds the two together.

   hw.orderWarnings([{ kind, title, model, make, quantity, most, chosen: [base number from 1 or null, …] }, …])
   `make` is one word for makes that agree; `most` is how many handsets a base takes, null where unknown. */
(() => {
  "use strict";
  const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
  const MOST_ALIKE = 5;
  const figure = (number) => number.toLocaleString("en-US");
  const word = (number) => WORDS[number] || figure(number);
  const handsetsIn = (count) => `${figure(count)} handset${count === 1 ? "" : "s"}`;
  const shortened = (list) => list.length <= MOST_ALIKE ? list
    : [...list.slice(0, MOST_ALIKE), `The same holds for ${word(list.length - MOST_ALIKE)} more.`];

  function basesOf(lines) {
    const found = lines.filter((line) => line.kind === "dect_base");
    const alone = found.reduce((sum, line) => sum + line.quantity, 0) === 1;
    return found.flatMap((line) => Array.from({ length: line.quantity }, (_, n) => (
      { label: alone ? line.title : `${line.title} #${n + 1}`, make: line.make, most: line.most })));
  }

  /* Handsets alike: of one model, to be paired to the same base (null: none is chosen). */
  function handsetsOf(lines, bases) {
    const alike = new Map();
    for (const line of lines.filter((one) => one.kind === "dect_handset")) {
      for (let place = 0; place < line.quantity; place += 1) {
        let base = (line.chosen || [])[place] || null;
        if (base > bases) base = null;
        if (bases === 1) base = 1;
        const key = `${line.title}\n${line.make}\n${base}`;
        const some = alike.get(key) || { title: line.title, make: line.make, base, count: 0 };
        some.count += 1;
        alike.set(key, some);
      }
    }
    return [...alike.values()];
  }

  const counted = (handsets) => handsets.reduce((sum, some) => sum + some.count, 0);

  function undecided(bases, handsets) {
    const count = counted(handsets.filter((some) => !some.base));
    return count ? [`${handsetsIn(count)} without a chosen base, and ${word(bases.length)} bases: ` +
      `${count === 1 ? "it" : "they"} will be left for on-site registration, or choose a base for each.`] : [];
  }

  function differentMakes(bases, handsets) {
    const makes = new Set(bases.map((base) => base.make));
    return handsets.flatMap((some) => {
      const what = `${figure(some.count)} × ${some.title}`;
      if (!some.base) return makes.has(some.make) ? [] : [`${what}, but no base of that make: different makes are not paired.`];
      const base = bases[some.base - 1];
      return base.make === some.make ? [] : [`${what} with ${base.label}: different makes are not paired.`];
    });
  }

  function tooMany(bases, handsets) {
    const warnings = bases.flatMap((base, at) => {
      const count = counted(handsets.filter((some) => some.base === at + 1 && some.make === base.make));
      if (!base.most || count <= base.most) return [];
      const surplus = `${word(count - base.most)} will be left for on-site registration`;
      if (bases.length > 1) return [`${handsetsIn(count)} for ${base.label}, but it takes ${figure(base.most)}: ${surplus}, or choose another base for them.`];
      const missing = Math.ceil((count - base.most) / base.most);
      return [`${handsetsIn(count)}, but ${base.label} takes ${figure(base.most)}: ${surplus}, ` +
        `or add ${missing === 1 ? "a second base" : `${word(missing)} more bases`}.`];
    });
    const count = counted(handsets), room = bases.reduce((sum, base) => sum + base.most, 0);
    if (handsets.some((some) => !some.base) && bases.every((base) => base.most) && count > room) {
      warnings.push(`${handsetsIn(count)}, but the ${word(bases.length)} bases take ${figure(room)} together.`);
    }
    return warnings;
  }

  function orderWarnings(lines) {
    const bases = basesOf(lines), handsets = handsetsOf(lines, bases.length), count = counted(handsets);
    if (!count) return [];
    if (!bases.length) {
      return [`${handsetsIn(count)}, but no base: ${count === 1 ? "it" : "they"} will be left for on-site registration, or add a base.`];
    }
    return [...undecided(bases, handsets), ...shortened(differentMakes(bases, handsets)), ...shortened(tooMany(bases, handsets))];
  }

  window.hw = Object.assign(window.hw || {}, { orderWarnings });
})();

// Which images of the gallery are shown, and in which order. Without this script all are, as drawn,
// and the controls stay hidden.
document.querySelectorAll(".controls").forEach((controls) => {
  const gallery = controls.nextElementSibling;
  const cards = [...gallery.children];
  const [of, answer, order] = controls.querySelectorAll("select");
  const count = controls.querySelector("output");
  const compare = {
    drawn: () => 0,
    surest: (a, b) => cosine(b) - cosine(a),
    least: (a, b) => cosine(a) - cosine(b),
    name: (a, b) => a.dataset.name.localeCompare(b.dataset.name),
  };
  const cosine = (card) => Number(card.dataset.cosine || -2);
  const update = () => {
    const shown = cards.filter(
      (card) =>
        (of.value === "all" || card.dataset.set === of.value) &&
        (answer.value === "all" || card.dataset.answer === answer.value)
    );
    cards.forEach((card) => (card.hidden = !shown.includes(card)));
    gallery.append(...[...cards].sort(compare[order.value]));
    count.textContent = `${shown.length} of ${cards.length} images`;
  };
  controls.addEventListener("change", update);
  controls.hidden = false;
  update();
});

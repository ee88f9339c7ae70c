// What is wrong with the page that is shown; check.py runs this in the browser.
() => {
  const all = (what) => [...document.querySelectorAll(what)];
  const said = (node) => (node.alt || node.outerHTML).slice(0, 90);
  const found = [];
  for (const node of all(".math"))
    if (!node.querySelector("mjx-container")) found.push("not typeset: " + node.textContent.slice(0, 60));
  for (const node of all("mjx-merror, [data-mjx-error]"))
    found.push("formula with an error: " + node.textContent.slice(0, 60));
  for (const img of document.images) {
    if (!img.alt.trim()) found.push("no description: " + said(img));
    if (!img.naturalWidth) found.push("picture not loaded: " + img.src.slice(0, 90));
    if (img.getBoundingClientRect().width > innerWidth) found.push("picture too wide: " + said(img));
  }
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) {
    const scrolls = (n) => n && (getComputedStyle(n).overflowX !== "visible" || scrolls(n.parentElement.closest(".bd-article *")));
    const who = all(".bd-article *").filter((n) => n.getBoundingClientRect().right > innerWidth + 1 && !scrolls(n));
    found.push(`${wide} pixels wide on ${innerWidth}: ` + (who[0] ? who[0].outerHTML.slice(0, 120) : "?"));
  }
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (node) => {
    const layers = [];
    for (let n = node; n; n = n.parentElement) {
      const colour = rgba(getComputedStyle(n).backgroundColor);
      if (colour[3] > 0) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce(
      (under, [r, g, b, a]) => [r, g, b].map((v, i) => v * a + under[i] * (1 - a)), [255, 255, 255]);
  };
  const seen = new Set();
  const walk = document.createTreeWalker(document.querySelector(".bd-article") || document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const node = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !node.checkVisibility() || node.closest("svg, .headerlink, style, script, mjx-assistive-mml, .search-button__kbd-shortcut")) continue;
    const style = getComputedStyle(node);
    const [one, two] = [light(rgba(style.color)), light(behind(node))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (two + 0.05), size = parseFloat(style.fontSize);
    const key = `${node.className}${style.color}${size}${Math.round(contrast)}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const text = walk.currentNode.textContent.trim().slice(0, 40);
    if (contrast < 4.5) found.push(`contrast ${contrast.toFixed(1)}: ${node.tagName}.${node.className}: ${text}`);
    if (size < 11) found.push(`letters of ${size} pixels: ${node.tagName}.${node.className}: ${text}`);
  }
  return {
    found,
    ids: all("[id]").map((node) => node.id),
    links: all("a[href]").map((node) => node.getAttribute("href")),
  };
}

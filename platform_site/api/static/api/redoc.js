// Starts Redoc on the page around it; a file of its own, since the policy runs no inline script.
(() => {
  // Redoc makes its style sheets as it goes: with the nonce of this page they are let through. Its
  // mark would come from another server: it is not asked for.
  const { nonce } = document.currentScript;
  const create = document.createElement.bind(document);
  document.createElement = (name, options) => {
    const element = create(name, options);
    if (name === "style") element.nonce = nonce;
    // Nothing here has a picture but that mark, and React sets its address in both ways.
    if (name === "img") {
      Object.defineProperty(element, "src", { set() {}, get: () => "" });
      element.setAttribute = () => {};
    }
    return element;
  };
  addEventListener("DOMContentLoaded", () => {
    const place = document.getElementById("redoc");
    Redoc.init(
      place.dataset.schema,
      // The search would start a worker from a blob, which the policy does not allow.
      { disableSearch: true, nativeScrollbars: true },
      place,
    );
  });
})();

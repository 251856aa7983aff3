// Starts Redoc on the page around it; a file of its own, since the policy runs no inline script.
(() => {
  const place = document.getElementById("redoc");
  Redoc.init(
    place.dataset.schema,
    // The search would start a worker from a blob, which the policy does not allow.
    { disableSearch: true, hideDownloadButton: false, nativeScrollbars: true },
    place,
  );
})();

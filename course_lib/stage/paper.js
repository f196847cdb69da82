// A page opened with ?print-pdf, to be printed: that begins with its load event, which is held back
// until the page says that it is ready.

const ON_PAPER = new URLSearchParams(location.search).has("print-pdf");

/** A frame that is still being written holds the load event back, until what is returned is called. */
function holdLoad() {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  document.body.append(frame);
  frame.contentDocument.open();
  // Scripts that begin with the page's load event, as widgets do, would wait for themselves.
  Object.defineProperty(document, "readyState", { value: "complete" });
  return () => {
    frame.contentDocument.close();
    frame.remove();
  };
}

const printNow = ON_PAPER ? holdLoad() : () => {};

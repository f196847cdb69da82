// Read by MathJax when it starts. Each formula carries its own glyphs, so that the speaker's view,
// another window, can show it too.
window.MathJax = {
  tex: { inlineMath: [["$", "$"]], displayMath: [["$$", "$$"]] },
  svg: { fontCache: "local" },
  options: { enableMenu: false, ignoreHtmlClass: "jupyter-widgets|jp-CodeMirrorEditor" },
  startup: { typeset: false },
};

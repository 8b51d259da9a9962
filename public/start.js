// Starts the page's program once the page has been painted: what the server sent can be read, and its form sent,
// without it. A page in the background is not painted and starts at once.
//
// A button that needs the program may be pressed before the program has come: the last such press is kept and made
// again then, instead of being lost or sent to the server as a form that it does not know.
let pressed;
const early = (event) => {
  const button = event.target.closest("button.needs-js, .needs-js button");
  if (!button) return;
  event.preventDefault();
  pressed = button;
};
addEventListener("click", early, true);

const start = async () => {
  const program = await import("/pkg/exemplar.js");
  await program.default({ module_or_path: "/pkg/exemplar.wasm" });
  // A task of its own, so that a touch is heard between the two.
  setTimeout(async () => {
    await program.hydrate();
    removeEventListener("click", early, true);
    pressed?.click();
  });
};
if (document.visibilityState === "hidden") start();
else requestAnimationFrame(() => setTimeout(start));

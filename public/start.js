// Starts the page's program once the page has been painted: what the server sent can be read, and its form sent,
// without it. A page in the background is not painted and starts at once.
const start = async () => {
  const program = await import("/pkg/exemplar.js");
  await program.default({ module_or_path: "/pkg/exemplar.wasm" });
  // A task of its own, so that a touch is heard between the two.
  setTimeout(program.hydrate);
};
if (document.visibilityState === "hidden") start();
else requestAnimationFrame(() => setTimeout(start));

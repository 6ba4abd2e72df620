// Kubeflow shows the page in a frame without an address of its own: there a link to a part of the
// page would load all of Kubeflow's page into the frame. So the page's own links scroll instead.
document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  const target = link && document.getElementById(link.getAttribute("href").slice(1));
  if (!target) return;
  event.preventDefault();
  target.scrollIntoView({ block: target.tagName === "SECTION" ? "start" : "center" });
  target.focus({ preventScroll: true });
});

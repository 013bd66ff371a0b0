// Sets the colour scheme before the first paint; a file of its own because the policy forbids inline scripts.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem("mantine-color-scheme-value");
  } catch {
    // Storage may be switched off: then the system decides.
  }
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const scheme = choice === "light" || choice === "dark" ? choice : system;
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);
})();

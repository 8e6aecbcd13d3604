// Runs before anything is painted, so that a dark page never flashes white.
(() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const dark = root.dataset.theme === 'dark' || (root.dataset.theme !== 'light' && system.matches);
    root.dataset.bsTheme = dark ? 'dark' : 'light';
  };
  apply();
  system.addEventListener('change', apply);
  document.addEventListener('click', (event) => {
    if (!event.target.closest('[data-theme-switch]')) return;
    root.dataset.theme = root.dataset.bsTheme === 'dark' ? 'light' : 'dark';
    document.cookie = `theme=${root.dataset.theme};path=/;max-age=31536000;samesite=lax`;
    apply();
  });
})();

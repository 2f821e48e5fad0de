// Puts the chosen theme and language on the page before its first paint; the page itself reads the same settings again.
try {
  const settings = JSON.parse(localStorage.getItem('affinage.settings') ?? '{}');
  if (settings.theme === 'light' || settings.theme === 'dark') document.documentElement.dataset.theme = settings.theme;
  if (settings.language === 'fr' || settings.language === 'en') document.documentElement.lang = settings.language;
} catch {
  // No storage, or damaged: the system's theme it is.
}

// Not a module, so that it runs before anything is painted: a page that turns dark a moment later flashes.
document.documentElement.dataset.theme = localStorage.getItem('theme') ?? '';

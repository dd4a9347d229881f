// Keeps the page fresh without moving what has the focus; buttons work without a page load.
const board = document.getElementById('board');
let shown = null;

async function refresh() {
  if (document.hidden) return;
  const reply = await fetch('/ui/board').catch(() => null);
  if (!reply?.ok) return;
  const html = await reply.text();
  if (html === shown) return;
  const focused = document.activeElement?.id;
  board.innerHTML = shown = html;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

board.addEventListener('submit', async (event) => {
  event.preventDefault();
  const body = new URLSearchParams(new FormData(event.target));
  await fetch(event.target.action, { method: 'POST', body, redirect: 'manual' });
  await refresh();
});

setInterval(refresh, 1000);
document.addEventListener('visibilitychange', refresh);

// Keeps the page fresh without moving what has the focus; buttons work without a page load.
const board = document.getElementById('board');
const channel = document.getElementById('channel');
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

document.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { target, submitter } = event;
  const body = new URLSearchParams(new FormData(target));
  if (submitter?.name) body.append(submitter.name, submitter.value);
  await fetch(target.action, { method: 'POST', body, redirect: 'manual' });
  await refresh();
});

// Whoever fills the form in sees the channels there are at that moment.
channel.addEventListener('focus', async () => {
  const reply = await fetch('/ui/channels').catch(() => null);
  if (reply?.ok) document.getElementById('offer').innerHTML = await reply.text();
});

setInterval(refresh, 1000);
document.addEventListener('visibilitychange', refresh);

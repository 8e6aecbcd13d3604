// Follows a log. The server sends finished lines; each event's id is the place behind them, and the browser comes back to it by itself.
(() => {
  const log = document.getElementById('log');
  if (!log) return;
  const status = document.getElementById('log-status');
  const follow = document.getElementById('log-follow');
  const wrap = document.getElementById('log-wrap');
  const search = document.getElementById('log-search');
  const found = document.getElementById('log-found');
  const MOST_LINES = 20000;
  let own = false; // the scroll event that follows is ours
  let ended = false;
  let away = false; // the cluster, not the connection

  const say = (what) => { status.textContent = status.dataset[what]; status.dataset.state = what; };
  const toEnd = () => { own = true; log.scrollTop = log.scrollHeight; };

  const place = { id: '' };
  let source;
  const open = () => {
    const url = new URL(log.dataset.stream, location.href);
    if (place.id) url.searchParams.set('after', place.id);
    source = new EventSource(url);
    source.addEventListener('live', () => { away = false; say('live'); });
    source.addEventListener('away', () => {
      away = true;
      say('away');
      if (!log.childElementCount) log.textContent = status.textContent;
    });
    source.onerror = () => {
      if (ended) return;
      if (!away) say('lost');
      if (source.readyState === EventSource.CLOSED) setTimeout(() => { if (!document.hidden && source.readyState === EventSource.CLOSED) open(); }, 2000);
    };
    source.addEventListener('lines', (event) => { place.id = event.lastEventId; append(event.data); });
    source.addEventListener('end', () => {
      ended = true;
      source.close();
      say('end');
      if (!log.childElementCount) log.textContent = log.dataset.quiet;
    });
  };
  // As all streams of a page: given back while nobody looks, taken up where it was.
  document.addEventListener('visibilitychange', () => {
    source?.close();
    if (!document.hidden && !ended) open();
  });
  addEventListener('pagehide', () => source?.close());

  const append = (html) => {
    const before = log.lastElementChild;
    if (!before) log.textContent = '';
    log.insertAdjacentHTML('beforeend', html);
    for (let line = before ? before.nextElementSibling : log.firstElementChild; line; line = line.nextElementSibling) mark(line);
    while (log.childElementCount > MOST_LINES) log.firstElementChild.remove();
    count();
    if (follow.checked) toEnd();
  };

  const wanted = () => search.value.trim().toLowerCase();
  const mark = (line) => {
    const text = wanted();
    line.classList.toggle('hit', text !== '' && line.textContent.toLowerCase().includes(text));
  };
  const count = () => {
    found.textContent = wanted() ? log.dataset.found.replace('{0}', log.querySelectorAll('.hit').length) : '';
  };
  search.addEventListener('input', () => {
    for (const line of log.children) mark(line);
    count();
    const hit = log.querySelector('.hit');
    if (hit) { follow.checked = false; hit.scrollIntoView({ block: 'center' }); }
  });
  let at = -1;
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const hits = [...log.querySelectorAll('.hit')];
    if (!hits.length) return;
    at = (at + (event.shiftKey ? -1 : 1) + hits.length) % hits.length;
    log.querySelector('.hit-now')?.classList.remove('hit-now');
    hits[at].classList.add('hit-now');
    hits[at].scrollIntoView({ block: 'center' });
  });

  follow.addEventListener('change', () => { if (follow.checked) toEnd(); });
  wrap.addEventListener('change', () => log.classList.toggle('nowrap', !wrap.checked));
  // Whoever scrolls up wants to read; whoever comes back to the end wants to follow.
  log.addEventListener('scroll', () => {
    if (own) { own = false; return; }
    follow.checked = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  });
  if (!document.hidden) open();
})();

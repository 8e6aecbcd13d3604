// What all pages share: times in the reader's zone, dialogs, menus, copying, keys.
(() => {
  const language = document.documentElement.lang;
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' });
  const exact = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const clock = new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
  const units = [['day', 86400], ['hour', 3600], ['minute', 60]];

  const ago = (at) => {
    const seconds = Math.round((at - Date.now()) / 1000);
    for (const [unit, size] of units) {
      if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
    }
    return relative.format(Math.min(0, seconds), 'second');
  };
  const two = (number) => String(number).padStart(2, '0');
  const took = (seconds) => {
    if (seconds >= 86400) return `${Math.floor(seconds / 86400)}d ${two(Math.floor(seconds / 3600) % 24)}h`;
    if (seconds >= 3600) return `${Math.floor(seconds / 3600)}h ${two(Math.floor(seconds / 60) % 60)}m`;
    if (seconds >= 60) return `${Math.floor(seconds / 60)}m ${two(seconds % 60)}s`;
    return `${Math.max(0, seconds)}s`;
  };
  const show = (element, text) => { if (element.textContent !== text) element.textContent = text; };
  const tick = (root) => {
    root.querySelectorAll('time[data-ago]').forEach((time) => {
      const at = new Date(time.dateTime);
      show(time, ago(at));
      time.title ||= exact.format(at);
    });
    root.querySelectorAll('[data-since]').forEach((span) =>
      show(span, took(Math.floor((Date.now() - new Date(span.dataset.since)) / 1000))));
  };
  const settle = (root) => {
    root.querySelectorAll('time[data-at]').forEach((time) => {
      const at = new Date(time.dateTime);
      show(time, clock.format(at));
      time.title = exact.format(at);
    });
    tick(root);
  };
  settle(document);
  setInterval(() => tick(document), 1000);
  document.addEventListener('htmx:load', (event) => settle(event.detail.elt.parentElement ?? document));

  // Whoever is no longer logged in is sent to the login page instead of getting it inside of this one.
  document.addEventListener('htmx:beforeSwap', (event) => {
    const answer = event.detail.xhr?.responseURL;
    if (answer && new URL(answer).pathname === '/login') {
      event.detail.shouldSwap = false;
      location.assign('/login');
    }
  });

  document.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-opens]');
    if (opener && !opener.disabled) document.getElementById(opener.dataset.opens).showModal();
    const copier = event.target.closest('[data-copies]');
    if (copier) copy(copier);
    if (event.target.localName === 'dialog') event.target.close();
    document.querySelectorAll('details.menu[open]').forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copies);
    await navigator.clipboard.writeText(source.textContent);
    const label = button.querySelector('span');
    const before = label.textContent;
    label.textContent = button.dataset.copied;
    setTimeout(() => { label.textContent = before; }, 1500);
  };

  // A browser opens six connections to one host, however many pages it shows of it. A page that nobody sees gives its stream back,
  // and opens it anew when somebody looks: each stream begins with how things are.
  class Stream extends EventTarget {
    constructor(url) {
      super();
      this.url = url;
      this.names = new Set();
      this.attend = () => (document.hidden ? this.source?.close() : this.open());
      document.addEventListener('visibilitychange', this.attend);
      this.attend();
    }
    open() {
      this.source = new EventSource(this.url);
      this.source.onopen = (event) => this.onopen?.(event);
      this.source.onerror = (event) => this.onerror?.(event);
      this.names.forEach((name) => this.pass(name));
    }
    pass(name) {
      this.source?.addEventListener(name, (event) =>
        this.dispatchEvent(new MessageEvent(name, { data: event.data, lastEventId: event.lastEventId })));
    }
    addEventListener(name, listener) {
      super.addEventListener(name, listener);
      if (this.names.has(name)) return;
      this.names.add(name);
      this.pass(name);
    }
    get readyState() { return this.source?.readyState; }
    close() {
      document.removeEventListener('visibilitychange', this.attend);
      this.source?.close();
    }
  }
  htmx.createEventSource = (url) => new Stream(url);
  // What is wrong with a field is told below it.
  document.addEventListener('htmx:afterSwap', (event) => {
    const outcome = event.detail.target;
    const form = outcome.id === 'outcome' && outcome.closest('form');
    if (!form) return;
    form.querySelectorAll('.field-wrong').forEach((note) => note.remove());
    form.querySelectorAll('[aria-invalid]').forEach((field) => {
      field.removeAttribute('aria-invalid');
      field.removeAttribute('aria-describedby');
    });
    const wrong = [...outcome.querySelectorAll('[data-fault-of]')].map((fault, number) => {
      const field = form.elements.namedItem(fault.dataset.faultOf);
      if (!(field instanceof HTMLElement)) return null;
      fault.id = `fault-${number}`;
      fault.className = 'field-wrong';
      field.setAttribute('aria-invalid', 'true');
      field.setAttribute('aria-describedby', fault.id);
      (field.type === 'checkbox' ? field.closest('label') : field).after(fault);
      return field;
    });
    wrong.find((field) => field)?.focus();
  });

  // Filters live in the address, and only those that are set.
  document.querySelectorAll('form[data-filters]').forEach((form) => {
    form.addEventListener('submit', () => form.querySelectorAll('[name]').forEach((field) => { field.disabled = !field.value; }));
    form.addEventListener('change', (event) => { if (event.target.localName === 'select') form.requestSubmit(); });
  });
  addEventListener('pageshow', () => document.querySelectorAll('form[data-filters] [name]').forEach((field) => { field.disabled = false; }));
  document.addEventListener('change', (event) => { if (event.target.matches('[data-submits]')) event.target.form.requestSubmit(); });

  // Only the browser knows where its reader is.
  document.querySelectorAll('select[data-zones]').forEach((zones) => {
    for (const zone of [Intl.DateTimeFormat().resolvedOptions().timeZone, 'UTC']) {
      if (![...zones.options].some((known) => known.value === zone)) zones.add(new Option(zone, zone));
    }
  });

  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') document.querySelectorAll('details.menu[open]').forEach((menu) => { menu.open = false; });
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.target.matches('input, textarea, select')) return;
    const field = document.querySelector('[data-slash]');
    if (field) { event.preventDefault(); field.focus(); field.select?.(); }
  });
})();

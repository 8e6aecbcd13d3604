// A YAML editor around a plain textarea: the text is painted behind it, lines are numbered, faults are marked on their lines.
(() => {
  const escape = (text) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]);
  const span = (kind, text) => (text ? `<i class="y-${kind}">${escape(text)}</i>` : '');
  const value = (text) => {
    const comment = text.match(/(^|\s)#.*$/);
    const body = comment ? text.slice(0, comment.index) : text;
    const tail = comment ? span('comment', comment[0]) : '';
    const plain = body.trim();
    if (/^["'].*["']$/.test(plain)) return span('string', body) + tail;
    if (/^-?\d+(\.\d+)?$/.test(plain) || /^(true|false|null|~)$/.test(plain)) return span('number', body) + tail;
    return escape(body) + tail;
  };
  const paintLine = (line) => {
    if (/^\s*#/.test(line)) return span('comment', line);
    const keyed = line.match(/^(\s*(?:- )*)([\w./$-]+|"[^"]*")(:)(?=\s|$)(.*)$/);
    if (keyed) return escape(keyed[1]) + span('key', keyed[2]) + span('mark', keyed[3]) + value(keyed[4]);
    const item = line.match(/^(\s*- )(.*)$/);
    return item ? span('mark', item[1]) + value(item[2]) : value(line);
  };

  document.querySelectorAll('[data-yaml]').forEach((pre) => {
    pre.innerHTML = pre.textContent.split('\n').map(paintLine).join('\n');
  });

  const editor = document.querySelector('[data-editor]');
  if (!editor) return;
  const text = editor.querySelector('textarea');
  const paint = editor.querySelector('.paint');
  const gutter = editor.querySelector('.gutter');
  const verdict = document.getElementById('verdict');
  let faults = new Map(); // line → messages

  const readFaults = () => {
    faults = new Map();
    verdict.querySelectorAll('.fault').forEach((fault) => {
      const line = Number(fault.dataset.line);
      faults.set(line, [...(faults.get(line) ?? []), fault.dataset.message]);
    });
    draw();
  };
  const draw = () => {
    const lines = text.value.split('\n');
    paint.innerHTML = lines.map((line, i) =>
      `<span class="ln${faults.has(i + 1) ? ' bad' : ''}">${paintLine(line) || ' '}</span>`).join('');
    gutter.innerHTML = lines.map((line, i) => {
      const bad = faults.get(i + 1);
      return `<span class="${bad ? 'bad' : ''}"${bad ? ` title="${escape(bad.join('\n')).replace(/"/g, '&quot;')}"` : ''}>${i + 1}</span>`;
    }).join('');
    // The textarea is as large as its text: the box around it scrolls, so that paint and numbers scroll along.
    text.style.height = `${paint.offsetHeight}px`;
    text.style.width = `${Math.max(paint.scrollWidth, paint.parentElement.clientWidth)}px`;
  };
  const goTo = (line, column) => {
    const lines = text.value.split('\n');
    const start = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
    const at = start + Math.min(column - 1, (lines[line - 1] ?? '').length);
    text.focus();
    text.setSelectionRange(at, start + (lines[line - 1] ?? '').length);
    gutter.children[line - 1]?.scrollIntoView({ block: 'nearest' });
  };

  const draft = { get: () => sessionStorage.getItem('job-draft'), set: (value) => sessionStorage.setItem('job-draft', value) };
  const restore = document.getElementById('restore');
  const opened = text.value;
  if (draft.get() && draft.get() !== opened) restore.hidden = false;
  restore.addEventListener('click', () => { text.value = draft.get(); restore.hidden = true; faults = new Map(); draw(); text.focus(); });

  text.addEventListener('input', (event) => {
    draft.set(text.value);
    // An edited line is no longer what the fault was found in.
    const line = text.value.slice(0, text.selectionStart).split('\n').length;
    if (event.inputType === 'insertLineBreak' || event.inputType?.startsWith('delete')) faults = new Map([...faults].filter(([each]) => each < line));
    else faults.delete(line);
    draw();
  });

  let leaving = false;
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') { leaving = true; return; }
    if (event.key === 'Tab' && !leaving) {
      event.preventDefault();
      indent(event.shiftKey);
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      document.getElementById('submit').click();
    } else if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
      const line = text.value.slice(0, text.selectionStart).split('\n').pop();
      const deeper = /:\s*$/.test(line) ? '  ' : '';
      const space = line.match(/^\s*(?:- )?/)[0].replace('-', ' ') + deeper;
      if (space) { event.preventDefault(); document.execCommand('insertText', false, '\n' + space); }
    }
    if (event.key !== 'Tab') leaving = false;
  });
  const indent = (back) => {
    if (!back && text.selectionStart === text.selectionEnd) { document.execCommand('insertText', false, '  '); return; }
    const from = text.value.lastIndexOf('\n', text.selectionStart - 1) + 1;
    const to = text.selectionEnd;
    const lines = text.value.slice(from, to).split('\n').map((line) => (back ? line.replace(/^ {1,2}/, '') : '  ' + line)).join('\n');
    text.setSelectionRange(from, to);
    document.execCommand('insertText', false, lines);
    text.setSelectionRange(from, from + lines.length);
  };

  verdict.addEventListener('click', (event) => {
    const fault = event.target.closest('.fault');
    if (fault) goTo(Number(fault.dataset.line), Number(fault.dataset.column));
  });
  document.addEventListener('htmx:afterSwap', (event) => { if (event.detail.target === verdict) readFaults(); });
  document.getElementById('new-job').addEventListener('submit', () => draft.set(text.value));
  addEventListener('resize', draw);
  readFaults();
  const first = verdict.querySelector('.fault');
  if (first) goTo(Number(first.dataset.line), Number(first.dataset.column));
})();

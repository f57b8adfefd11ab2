// What the page asks is POST /explain; whatever comes back, and whatever was typed, is written as text and never as markup.
const element = id => document.getElementById(id);
const state = { models: [], explanation: null, texts: [], tab: 'curl', request: null };
const pause = 350;

function make(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function headers() {
  const given = { 'Content-Type': 'application/json' };
  const key = element('key').value.trim();
  if (key) given.Authorization = 'Bearer ' + key;
  return given;
}

async function ask(path, body, signal) {
  const response = await fetch(path, { method: body ? 'POST' : 'GET', headers: headers(), body: body && JSON.stringify(body), signal });
  const text = await response.text();
  let answer = null;
  try { answer = JSON.parse(text); } catch { /* told by the status below */ }
  if (!response.ok) throw new Error(answer?.error?.message ?? answer?.error ?? `The server answered ${response.status}.`);
  return answer;
}

function tell(id, text, wrong) {
  const place = element(id);
  place.textContent = text;
  place.classList.toggle('wrong', Boolean(wrong));
}

function fill(select, entries, chosen) {
  select.replaceChildren(...entries.map(([value, text]) => {
    const option = make('option', text);
    option.value = value;
    return option;
  }));
  if (entries.some(([value]) => value === chosen)) select.value = chosen;
}

// A name such as demo:prompteol is a model with a template set.
const modelOf = id => state.models.filter(model => id === model.id || id.startsWith(model.id + ':')).sort((a, b) => a.id.length - b.id.length)[0] ?? { id };
const setsOf = id => state.models.filter(model => modelOf(model.id).id === id);
const chosenModel = () => element('templates').value || element('model').value;

function showModel() {
  const id = element('model').value;
  const sets = setsOf(id);
  fill(element('templates'), sets.map(model => [model.id, (model.template_set ?? 'none') + (model.role ? `, for a ${model.role}` : '')]), element('templates').value);
  const layers = sets[0]?.layers ?? 0;
  const chosen = element('layer').value;
  fill(element('layer'), [['', 'as served'], ...Array.from({ length: layers + 1 }, (_, i) => [String(layers - i), i === 0 ? `${layers} (last)` : i === layers ? '0 (embeddings)' : String(layers - i)])], chosen);
  const widths = sets[0]?.smaller_dimensions ?? [];
  element('dimensions-label').hidden = widths.length === 0;
  fill(element('dimensions'), [['', `all (${sets[0]?.dimensions ?? '?'})`], ...widths.map(width => [String(width), String(width)])], element('dimensions').value);
}

const percent = share => share >= 0.0995 ? `${Math.round(share * 100)}%` : `${(share * 100).toFixed(1)}%`;

function heatMap(table, names, rows) {
  const lowest = Math.min(...rows.flat());
  const span = Math.max(1 - lowest, 1e-9);
  const head = make('tr');
  head.append(make('td'), ...names.map((name, i) => {
    const cell = make('th', names.length > 8 ? String(i + 1) : name);
    cell.scope = 'col';
    cell.title = name;
    return cell;
  }));
  const top = make('thead');
  top.append(head);
  const body = make('tbody');
  rows.forEach((row, i) => {
    const line = make('tr');
    const name = make('th', names.length > 8 ? `${i + 1} ${names[i]}` : names[i]);
    name.scope = 'row';
    name.title = names[i];
    line.append(name, ...row.map((value, j) => {
      const cell = make('td', value.toFixed(3), 'heat');
      cell.style.setProperty('--share', String(Math.max(0, (value - lowest) / span)));
      cell.title = `${names[i]} and ${names[j]}: ${value.toFixed(4)}`;
      return cell;
    }));
    body.append(line);
  });
  table.replaceChildren(table.caption, top, body);
}

function showText() {
  const explanation = state.explanation;
  const text = explanation?.texts[Number(element('chosen').value)];
  if (!text) return;
  const names = explanation.templates.map(template => template.name);
  const body = make('tbody');
  text.words.forEach((words, i) => {
    const line = make('tr');
    const name = make('th', names[i]);
    name.scope = 'row';
    name.title = explanation.templates[i].prompt;
    line.append(name, ...words.map(word => {
      const cell = make('td', word.token.trim() || JSON.stringify(word.token), 'word');
      cell.style.setProperty('--share', String(word.probability));
      cell.append(make('small', percent(word.probability)));
      return cell;
    }));
    body.append(line);
  });
  element('words').replaceChildren(element('words').caption, body);
  heatMap(element('views'), names, text.views);
}

const quoted = JSON.stringify;

function showCall() {
  const model = chosenModel();
  const texts = state.texts.length ? state.texts.slice(0, 3) : ['A text.'];
  const width = element('dimensions').value;
  const origin = location.origin;
  const key = element('key-label').hidden ? 'none' : 'YOUR-KEY';
  const body = { model, input: texts, ...(width ? { dimensions: Number(width) } : {}) };
  const calls = {
    curl: [
      `curl ${origin}/v1/embeddings \\`,
      `  -H 'Content-Type: application/json' \\`,
      ...(key === 'none' ? [] : [`  -H 'Authorization: Bearer ${key}' \\`]),
      `  -d '${quoted(body).replaceAll("'", "'\\''")}'`,
    ],
    python: [
      'import json, urllib.request',
      '',
      `body = {"model": ${quoted(model)}, "input": ${quoted(texts)}${width ? `, "dimensions": ${width}` : ''}}`,
      `request = urllib.request.Request("${origin}/v1/embeddings", json.dumps(body).encode(),`,
      `    {"Content-Type": "application/json"${key === 'none' ? '' : `, "Authorization": "Bearer ${key}"`}})`,
      'vectors = [item["embedding"] for item in json.load(urllib.request.urlopen(request))["data"]]',
    ],
    csharp: [
      '// dotnet add package OpenAI',
      'using System.ClientModel;',
      'using OpenAI;',
      'using OpenAI.Embeddings;',
      '',
      `var options = new OpenAIClientOptions { Endpoint = new Uri("${origin}/v1") };`,
      `var client = new EmbeddingClient(${quoted(model)}, new ApiKeyCredential("${key}"), options);`,
      `OpenAIEmbeddingCollection vectors = await client.GenerateEmbeddingsAsync([${texts.map(quoted).join(', ')}]${width ? `, new EmbeddingGenerationOptions { Dimensions = ${width} }` : ''});`,
    ],
  };
  element('code').textContent = calls[state.tab].join('\n');
}

async function explain() {
  state.texts = element('texts').value.split('\n').map(text => text.trim()).filter(Boolean);
  showCall();
  if (state.texts.length === 0) {
    tell('status', 'Write a text.');
    return;
  }
  state.request?.abort();
  const request = state.request = new AbortController();
  tell('status', 'Asking the model…');
  const body = { model: chosenModel(), input: state.texts, top: 8 };
  if (element('layer').value) body.layer = Number(element('layer').value);
  if (element('dimensions').value) body.dimensions = Number(element('dimensions').value);
  try {
    const explanation = await ask('explain', body, request.signal);
    state.explanation = explanation;
    fill(element('chosen'), state.texts.map((text, i) => [String(i), text]), element('chosen').value);
    heatMap(element('similarity'), state.texts, explanation.similarity);
    showText();
    tell('status', `${state.texts.length} ${state.texts.length === 1 ? 'text' : 'texts'}, ${explanation.tokens} prompt tokens, ${explanation.dimensions} dimensions.`);
  } catch (error) {
    if (!request.signal.aborted) tell('status', error.message, true);
  }
}

function later(action) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, pause);
  };
}

async function search(event) {
  event.preventDefault();
  const query = element('question').value;
  tell('search-status', 'Searching…');
  try {
    const { results } = await ask('search', { query, top: 5 });
    element('results').replaceChildren(...results.map(result => {
      const item = make('li', result.text);
      item.append(make('small', `${result.document}, line ${result.line}, score ${result.score.toFixed(3)}`));
      return item;
    }));
    tell('search-status', results.length ? '' : 'Nothing was found.');
  } catch (error) {
    tell('search-status', error.message, true);
  }
}

function choose(tab) {
  for (const button of document.querySelectorAll('[role=tab]')) {
    const chosen = button === tab;
    button.setAttribute('aria-selected', String(chosen));
    button.tabIndex = chosen ? 0 : -1;
  }
  state.tab = tab.id.slice('tab-'.length);
  element('call').setAttribute('aria-labelledby', tab.id);
  showCall();
}

function listen() {
  const again = later(explain);
  element('texts').addEventListener('input', again);
  element('key').addEventListener('input', later(start));
  element('model').addEventListener('change', () => { showModel(); explain(); });
  for (const id of ['templates', 'layer', 'dimensions']) element(id).addEventListener('change', explain);
  element('chosen').addEventListener('change', showText);
  element('search').addEventListener('submit', search);
  element('copy').addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(element('code').textContent);
      element('copy').textContent = 'Copied';
    } catch {
      element('copy').textContent = 'The browser does not let the page copy';
    }
    setTimeout(() => { element('copy').textContent = 'Copy'; }, 1500);
  });
  const tabs = [...document.querySelectorAll('[role=tab]')];
  tabs.forEach((tab, i) => {
    tab.addEventListener('click', () => choose(tab));
    tab.addEventListener('keydown', event => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      const next = tabs[(i + step + tabs.length) % tabs.length];
      choose(next);
      next.focus();
    });
  });
}

async function start() {
  try {
    state.models = (await ask('v1/models')).data;
    fill(element('model'), state.models.filter(model => modelOf(model.id).id === model.id).map(model => [model.id, model.id]), element('model').value);
    showModel();
    await explain();
  } catch (error) {
    tell('status', error.message, true);
  }
}

const settings = await ask('page/settings');
element('key-label').hidden = !settings.key;
element('search-section').hidden = !settings.search;
listen();
if (settings.key && !element('key').value) tell('status', 'This server asks for a key: write it above.');
else await start();

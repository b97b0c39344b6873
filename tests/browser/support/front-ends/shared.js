// What the small front ends share: a form, a log, and requests. Served beside them as /front-end/shared.js.

export const kept = {
  get: (name) => localStorage.getItem(name),
  set: (name, value) => localStorage.setItem(name, value),
};

/** A line for whoever looks at the page. */
export function show(kind, text) {
  const line = document.createElement('li');
  line.className = kind;
  line.textContent = text;
  document.getElementById('log').append(line);
}

/** Takes the lines of these kinds away. */
export function clear(...kinds) {
  for (const kind of kinds) document.querySelectorAll(`#log .${kind}`).forEach((line) => line.remove());
}

/** What stands in a field of the form. */
export function field(name) {
  return document.getElementById(name).value;
}

/** Does this when a button of that name is pressed; what goes wrong is shown. */
export function on(name, act) {
  document.getElementById(name).addEventListener('click', () => act().catch((error) => show('error', error.message)));
}

/** The status and the body of an answer, JSON or not. */
export async function ask(method, path, { json, headers = {}, ...rest } = {}) {
  const typed = json === undefined ? {} : { 'Content-Type': 'application/json' };
  const body = json === undefined ? rest.body : JSON.stringify(json);
  const answer = await fetch(path, { method, headers: { ...typed, ...headers }, body });
  const text = await answer.text();
  try {
    return { status: answer.status, body: JSON.parse(text) };
  } catch {
    return { status: answer.status, body: text };
  }
}

/** A socket whose frames are objects. */
export function connect(path, { opened = () => {}, frame }) {
  const socket = new WebSocket(`ws://${location.host}${path}`);
  socket.onopen = () => opened(socket);
  socket.onmessage = ({ data }) => frame(JSON.parse(data), socket);
  socket.onclose = () => show('closed', path.split('?')[0]);
  return socket;
}

/** What a token says, as clients read it that trust their server. */
export function claims(token) {
  return JSON.parse(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));
}

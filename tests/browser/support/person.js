let count = 0;

/** Somebody who uses the API beside the page. */
export class Person {
  static async register(server, name = 'person') {
    const person = new Person();
    person.server = server;
    person.name = `${name}-${(count += 1)}`;
    person.password = `correct horse ${person.name}`;
    const body = { username: person.name, password: person.password };
    const signedIn = await person.call('POST', '/auth/register', body);
    person.id = signedIn.user.id;
    person.token = signedIn.access_token;
    return person;
  }

  /** A session of its own, as the page keeps it. */
  async logIn() {
    const body = { username: this.name, password: this.password };
    const signedIn = await this.call('POST', '/auth/login', body);
    return { ...signedIn, renew_at: Date.now() + (signedIn.expires_in * 1_000) / 2 };
  }

  async call(method, path, body) {
    const response = await fetch(`http://${this.server.address}/api/v1${path}`, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(this.token ? { Authorization: `Bearer ${this.token}` } : {}),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** The id of the direct chat with somebody. */
  async direct(other) {
    return (await this.call('PUT', `/chats/direct/${other.id}`)).id;
  }

  async group(title, ...others) {
    return (await this.call('POST', '/chats', { title, members: others.map(({ id }) => id) })).id;
  }

  /** The id of a room, which this person enters. */
  async room(name) {
    return (await this.call('PUT', `/rooms/${encodeURIComponent(name)}`)).id;
  }

  /** The id of an upload. */
  async upload(name, type, bytes) {
    const body = new FormData();
    // Node 18, which Debian has, knows no `File` by itself.
    body.append('file', new Blob([bytes], { type }), name);
    const headers = { Authorization: `Bearer ${this.token}` };
    const response = await fetch(`http://${this.server.address}/api/v1/attachments`, { method: 'POST', headers, body });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()).id;
  }

  say(chat, text, more = {}) {
    return this.call('POST', `/chats/${chat}/messages`, { text, ...more });
  }

  edit(chat, message, text) {
    return this.call('PATCH', `/chats/${chat}/messages/${message}`, { text });
  }

  delete(chat, message) {
    return this.call('DELETE', `/chats/${chat}/messages/${message}`);
  }

  read(chat, seq) {
    return this.call('PUT', `/chats/${chat}/read`, { seq });
  }

  async history(chat) {
    return (await this.call('GET', `/chats/${chat}/messages?limit=200`)).items;
  }

  chat(id) {
    return this.call('GET', `/chats/${id}`);
  }
}

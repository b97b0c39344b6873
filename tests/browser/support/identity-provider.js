import { once } from 'node:events';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

/** A real OpenID provider, on this machine, at which everybody signs in by the name that they type. */
export class IdentityProvider {
  #http = createServer();

  static async start() {
    const own = new IdentityProvider();
    own.#http.listen(0, '127.0.0.1');
    await once(own.#http, 'listening');
    return own;
  }

  get issuer() {
    return `http://127.0.0.1:${this.#http.address().port}`;
  }

  /** Knows the page at that address as the client `confab`. */
  serve(home) {
    const client = {
      client_id: 'confab',
      client_secret: 'hush',
      redirect_uris: [home],
      post_logout_redirect_uris: [home],
      backchannel_logout_uri: `${home}api/v1/auth/backchannel-logout`,
    };
    const provider = new Provider(this.issuer, {
      clients: [client],
      claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'] },
      cookies: { keys: ['for tests'] },
      features: { backchannelLogout: { enabled: true } },
      pkce: { required: () => true },
      findAccount: (_, id) => ({
        accountId: id,
        claims: () => ({ sub: id, preferred_username: id, email: `${id.toLowerCase()}@example.org` }),
      }),
    });
    this.#http.on('request', provider.callback());
  }

  /** The settings of a server that people sign in to with it, at the page with that address. */
  settings(home) {
    return {
      CONFAB_PUBLIC_URL: home,
      CONFAB_OIDC_ISSUER: this.issuer,
      CONFAB_OIDC_CLIENT_ID: 'confab',
      CONFAB_OIDC_CLIENT_SECRET: 'hush',
      CONFAB_OIDC_LABEL: 'Acme',
    };
  }

  stop() {
    this.#http.closeAllConnections();
    this.#http.close();
  }
}

/** Signs in on the page of the provider that a page is at, and agrees to what it asks. */
export async function signInThere(page, name) {
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('anything');
  await page.getByRole('button', { name: 'Sign-in' }).click();
}

/** Lets the page have what it asks for, which is asked once. */
export async function agreeThere(page) {
  await page.getByRole('button', { name: 'Continue' }).click();
}

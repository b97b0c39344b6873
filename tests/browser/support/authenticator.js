import { createHmac } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An authenticator app with one account, whose secret it is told in base32. It never shows a code twice. */
export class Authenticator {
  #key;
  #last = 0;

  constructor(secret) {
    const bits = [...secret.replaceAll(' ', '')].map((character) => ALPHABET.indexOf(character).toString(2).padStart(5, '0')).join('');
    this.#key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  }

  /** The code of now, or of the step after it. A third one so soon would count later only. */
  code() {
    const now = Math.floor(Date.now() / 30_000);
    this.#last = Math.max(now, this.#last + 1);
    if (this.#last > now + 1) throw new Error('two codes at once are all that count');
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(this.#last));
    const hash = createHmac('sha1', this.#key).update(counter).digest();
    const number = hash.readUInt32BE(hash[19] & 15) & 0x7fffffff;
    return String(number % 1_000_000).padStart(6, '0');
  }
}

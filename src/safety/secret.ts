/** A credential that does not print: every way of turning it into text says its name, never its value. */

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

export class Secret {
  readonly name: string;
  readonly #value: string;
  constructor(name: string, value: string) {
    this.name = name;
    this.#value = value;
  }

  /** The value itself: call it where the request is built, and nowhere else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return `[secret:${this.name}]`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.toPrimitive](): string {
    return this.toString();
  }

  [INSPECT](): string {
    return this.toString();
  }
}

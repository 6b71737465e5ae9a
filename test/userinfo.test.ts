/** No part of a password stays in a URL that is shown or stored. */
import { expect, test } from 'vitest';
import { withoutUserinfo } from '../src/core/userinfo.ts';

test('user and password go as a whole, also where the password holds an @', () => {
  expect(withoutUserinfo('http://u:hun@ter2@h:9090/a@b')).toBe('http://h:9090/a@b');
  expect(withoutUserinfo('u:p@h:9090')).toBe('h:9090');
  expect(withoutUserinfo('https://h/x?mail=a@b')).toBe('https://h/x?mail=a@b');
  expect(withoutUserinfo('https://h')).toBe('https://h');
});

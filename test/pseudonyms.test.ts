/** Addresses get names that tell nothing, the same one everywhere, and everything else stays as it is. */
import { expect, test } from 'vitest';
import { pseudonyms } from '../src/safety/pseudonyms.ts';

test('addresses are numbered by first appearance, the same thing always gets the same name', () => {
  const p = pseudonyms();
  expect(p.text('dana@acme.io on 10.1.2.3 and 10.1.2.30:9090; Dana@acme.io')).toBe(
    '⟨mail:1⟩ on ⟨ip:1⟩ and ⟨ip:2⟩:9090; ⟨mail:1⟩',
  );
  expect(p.value({ 'peer 10.1.2.3': ['fe80:0:0:0:200:f8ff:fe21:67cf', 1] })).toEqual({ 'peer ⟨ip:1⟩': ['⟨ip:3⟩', 1] });
  expect(p.count()).toBe(4);
});

test.each([
  'deploy/orders/2.8.1',
  'version 1.2.3.4.5',
  '2026-11-20T07:12:00.000Z',
  'http://127.0.0.1:9090/graph',
  '0b9eafd74d75e1b0f3a0c1d2e3f405162738495a',
  'a::b and std::vector::push',
  'ratio 12:34:56',
  'user@host',
])('%s names nobody and stays', (text) => {
  expect(pseudonyms().text(text)).toBe(text);
});

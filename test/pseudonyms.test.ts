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

test('personal ids that pass their own check get names, and only addresses come back', () => {
  const p = pseudonyms();
  expect(p.text('card 4111 1111 1111 1111, iban DE89 3704 0044 0532 0130 00, ssn 078-05-1120, +44 20 7946 0958')).toBe(
    'card ⟨card:1⟩, iban ⟨iban:1⟩, ssn ⟨ssn:1⟩, ⟨phone:1⟩',
  );
  expect(p.text('fe80::1ff:fe23:4567:890a from aa:bb:cc:dd:ee:ff and 10.1.2.3')).toBe('⟨ip:1⟩ from ⟨mac:1⟩ and ⟨ip:2⟩');
  expect(p.back('⟨ip:2⟩ ⟨mac:1⟩ ⟨card:1⟩ ⟨ip:7⟩')).toBe('10.1.2.3 aa:bb:cc:dd:ee:ff ⟨card:1⟩ ⟨ip:7⟩');
});

test('what stands among the names of entities stays', () => {
  expect(pseudonyms(['10.1.2.3:9100', 'node-1']).text('10.1.2.3 asks 10.1.2.4')).toBe('10.1.2.3 asks ⟨ip:1⟩');
});

test.each([
  'epoch 1772445600000 and 1772445600000000000 ns, 4111 1111 1111 1112',
  'trace 4bf92f3577b34da6a3ce929d0e0e4736 span 00f067aa0ba902b7',
  'orders-7d9f8b6c5-x2k4q 2026-03-02 12:34:56 +0000 v10.2.3',
  'took 123-45 ms, offset 4111-2222-3333-4444',
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

/** Numbers that belong to a person: cards, accounts, social security, phones. Each must pass its own check, not only look so. */

/** What may be one, by kind; `isPersonalId` decides. Separators are asked for where bare digits are mostly counts and times. */
export const PERSONAL: [kind: string, pattern: RegExp][] = [
  ['card', /(?<![\w.-])(?:4\d{3}|5\d{3}|2[2-7]\d\d|3[045678]\d\d|6\d{3})(?:[ -]?\d){10,12}(?![\w.-])/],
  ['iban', /(?<![\w-])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?![\w-])/],
  ['ssn', /(?<![\w.-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w.-])/],
  ['phone', /(?<![\w.-])(?:\(\d{3}\) ?|\d{3}-)\d{3}-\d{4}(?![\w-])/],
  ['phone', /(?<![\w.])\+[1-9]\d{7,14}(?![\w-])/],
  ['phone', /(?<![\w.])\+[1-9]\d{0,2}[ .-]?\(?\d{1,4}\)?(?:[ .-]?\d{2,4}){2,4}(?![\w-])/],
];

/** Whether the digits add up as the issuer's checksum wants. */
export function isPersonalId(kind: string, found: string): boolean {
  if (kind === 'card') return luhn(found.replace(/\D/g, ''));
  if (kind === 'iban') return mod97(found.replace(/ /g, ''));
  if (kind === 'phone') return found.replace(/\D/g, '').length >= 8;
  return true;
}

/** Luhn (ISO/IEC 7812): from the right every second digit doubled, the sum divisible by ten. */
function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const d = Number(digits[digits.length - 1 - i]) * (i % 2 === 1 ? 2 : 1);
    sum += d > 9 ? d - 9 : d;
  }
  return digits.length >= 14 && sum % 10 === 0;
}

/** ISO 7064 MOD 97-10: the first four characters to the end, letters as 10 to 35, remainder 1. */
function mod97(iban: string): boolean {
  let rest = 0;
  for (const c of iban.slice(4) + iban.slice(0, 4)) {
    const n = Number.parseInt(c, 36);
    rest = (rest * (n > 9 ? 100 : 10) + n) % 97;
  }
  return iban.length >= 15 && rest === 1;
}

/** Gate 3 of errors: the messages that end the program, without secrets and without anything that draws. */
import { createRedactor } from './redact.ts';
import { safeText } from './safe-text.ts';

/**
 * Text of an error as it may be printed. What structure gives away is masked here; configured values are masked by the
 * guard of the stream, which knows them.
 */
export const lastWords = (text: string): string => safeText(createRedactor([]).text(text).text);

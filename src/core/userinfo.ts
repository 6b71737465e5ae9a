/** A URL, or a text with URLs in it, without the user and password: up to the last `@` of the authority, as URLs are read. */
export const withoutUserinfo = (text: string): string => text.replace(/(^|\/\/)[^/?#\s]*@/g, '$1');

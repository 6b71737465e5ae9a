/** User and password of a URL, decoded. A `%` that begins no escape stands for itself: people write passwords as they are. */
export const userinfoOf = ({ username, password }: URL): { user: string; password: string } => ({
  user: decoded(username),
  password: decoded(password),
});

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A URL, or a text with URLs in it, without the user and password: up to the last `@` of the authority, as URLs are read. */
export const withoutUserinfo = (text: string): string => text.replace(/(^|\/\/)[^/?#\s]*@/g, '$1');

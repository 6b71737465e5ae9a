/** Name and version of this program; the build sets the version from package.json. */
declare const PROGRAM_VERSION: string | undefined;

export const PROGRAM = `inquest ${typeof PROGRAM_VERSION === 'string' ? PROGRAM_VERSION : 'dev'}`;

/**
 * Text from scenarios, runbooks and AWS as a terminal may show it: names and reasons may hold escape sequences that
 * clear the screen or retitle the window, and marks that turn the direction of writing. Line breaks stay.
 */
export const printable = (text: string): string =>
  text.replace(/\r\n/g, '\n').replace(/(?!\n)[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\ufffd');

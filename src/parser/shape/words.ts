/** The words of a command line by a shell's quoting rules, without any expansion; undefined when a quote stays open. */
export function splitWords(text: string): string[] | undefined {
  const words: string[] = []
  let word: string | undefined
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (quote === "'") {
      if (char === quote) quote = ''
      else word = `${word ?? ''}${char}`
    } else if (char === '\\' && (quote === '' || '"\\$`'.includes(text[at + 1] ?? ''))) {
      at += 1
      word = `${word ?? ''}${text[at] ?? ''}`
    } else if (char === quote) quote = ''
    else if (quote === '' && (char === '"' || char === "'")) {
      quote = char
      word ??= ''
    } else if (quote === '' && /\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else word = `${word ?? ''}${char}`
  }
  if (quote !== '') return undefined
  return word === undefined ? words : [...words, word]
}

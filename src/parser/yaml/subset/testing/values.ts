import fc from 'fast-check'

/** Plain data as a random writer would write it. */
export type Value = string | readonly Value[] | { readonly [key: string]: Value }

const word = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9_./$-][a-zA-Z0-9_./:@ %&*!?|>'"#=~${}[\],é-]{0,12}$/),
  fc.constantFrom('yes', '0440', '1.5', 'null', '22:22', 'a #b', 'a: b', '- a', ''),
)
const line = fc.oneof(
  word,
  fc.constantFrom(
    '',
    '',
    ' ',
    '   ',
    ' more',
    '   most',
    '# text',
    '- a',
    'a: b',
    'a  ',
    'a\tb',
    '\tc',
    '---',
  ),
)
const lines = fc.array(line, { minLength: 1, maxLength: 6 }).map(all => all.join('\n'))
const key = fc.stringMatching(/^[a-z][a-z0-9_ -]{0,8}[a-z0-9]$/)
const { value } = fc.letrec<{ value: Value }>(tie => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.oneof(word, lines),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

/** The data of a document. */
export const document: fc.Arbitrary<{ readonly [key: string]: Value }> = fc.dictionary(key, value, {
  minKeys: 1,
  maxKeys: 5,
  noNullPrototype: true,
})

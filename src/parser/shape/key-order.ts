const LETTER = /\p{L}/u
const DIGIT = /\p{Nd}/u

/**
 * The order of keys in YAML that Docker Compose prints: where two keys part, other characters come before letters (behind
 * digits: after them), and whole numbers go by their value.
 */
export function compareKeys(a: string, b: string): number {
  const [left, right] = [[...a], [...b]]
  let at = 0
  while (at < left.length && at < right.length && left[at] === right[at]) at += 1
  const [x, y] = [left[at], right[at]]
  if (x === undefined || y === undefined) return left.length - right.length
  const [isLeft, isRight] = [LETTER.test(x), LETTER.test(y)]
  if (isLeft !== isRight) return DIGIT.test(left[at - 1] ?? '') === isLeft ? -1 : 1
  if (isLeft) return x < y ? -1 : 1
  const [m, n] = [numberAt(left, at), numberAt(right, at)]
  return m.value - n.value || m.length - n.length || (x < y ? -1 : 1)
}

/** The number that the digits from here on make; zeros behind the first digits of a number count as digits of it. */
function numberAt(text: readonly string[], at: number): { readonly value: number; readonly length: number } {
  let end = at
  while (DIGIT.test(text[end] ?? '')) end += 1
  let start = at
  while (DIGIT.test(text[start - 1] ?? '')) start -= 1
  const digits = text.slice(start, end).join('')
  return { value: digits === '' ? 0 : Number(digits), length: end - at }
}

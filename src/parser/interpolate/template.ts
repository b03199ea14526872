/** What one template needs of its surroundings; each is called only for what is really evaluated. */
export interface TemplateScope {
  readonly lookup: (name: string) => string | undefined
  /** A variable without value and without default was used; the offset is in the text of the template. */
  readonly onUnset?: (name: string, offset: number) => void
  readonly onUsed?: (name: string) => void
}

/** A template that cannot be evaluated: bad form, or a required variable without a value. */
export class TemplateError extends Error {
  readonly reason: 'format' | 'required'
  readonly variable: string | undefined
  /** Where in the template's text the placeholder starts. */
  readonly offset: number

  constructor(reason: 'format' | 'required', message: string, offset: number, variable?: string) {
    super(message)
    this.reason = reason
    this.offset = offset
    this.variable = variable
  }
}

/** One `${NAME…}` taken apart. */
export interface Placeholder {
  readonly name: string
  readonly operator?: Operator
  readonly operand?: string
}

export type Operator = ':-' | '-' | ':+' | '+' | ':?' | '?'

/** Placeholders in one another, and characters of a result: nobody writes more, and a file must not use up stack or memory. */
const MOST_NESTED = 100
const MOST_TEXT = 16_000_000

const NAME = /[_a-zA-Z][_a-zA-Z0-9]*/y
const BRACED = /^([_a-zA-Z][_a-zA-Z0-9]*)(?:(:[-+?]|[-+?])([\s\S]*))?$/

/** Replaces `$NAME`, `${NAME}` and the forms with an operator; `$$` is a literal `$`, any other `$` stays. */
export function evaluate(text: string, scope: TemplateScope, base = 0, depth = 0): string {
  let result = ''
  let from = 0
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', from)) {
    result += text.slice(from, at)
    const token = tokenAt(text, at, base)
    result += token.placeholder ? resolve(token.placeholder, scope, base + at, depth) : token.literal
    if (result.length > MOST_TEXT) throw new TemplateError('format', 'the text grows without end', base + at)
    from = token.end
  }
  return result + text.slice(from)
}

/** All placeholders of a text, those in operands too, in order. */
export function placeholdersOf(text: string, depth = 0): Placeholder[] {
  const found: Placeholder[] = []
  let from = 0
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', from)) {
    const token = tokenAt(text, at, 0)
    if (token.placeholder) {
      found.push(token.placeholder)
      if (token.placeholder.operand && depth < MOST_NESTED)
        found.push(...placeholdersOf(token.placeholder.operand, depth + 1))
    }
    from = token.end
  }
  return found
}

interface Token {
  readonly end: number
  readonly literal: string
  readonly placeholder?: Placeholder
}

function tokenAt(text: string, at: number, base: number): Token {
  const next = text[at + 1]
  if (next === '$') return { end: at + 2, literal: '$' }
  if (next === '{') return bracedAt(text, at, base)
  NAME.lastIndex = at + 1
  const name = NAME.exec(text)?.[0]
  if (name === undefined) return { end: at + 1, literal: '$' }
  return { end: at + 1 + name.length, literal: '', placeholder: { name } }
}

function bracedAt(text: string, at: number, base: number): Token {
  const end = closingBrace(text, at + 1)
  const body = text.slice(at + 2, end)
  const parts = end > 0 ? BRACED.exec(body) : null
  const [, name, operator, operand] = parts ?? []
  if (name === undefined) throw new TemplateError('format', 'invalid interpolation format', base + at)
  if (operator === undefined) return { end: end + 1, literal: '', placeholder: { name } }
  const placeholder = { name, operator: operator as Operator, operand: operand ?? '' }
  return { end: end + 1, literal: '', placeholder }
}

/** Braces count by nesting, so that an operand may hold JSON or placeholders of its own; an unbalanced one runs to the last brace. */
function closingBrace(text: string, open: number): number {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth += 1
    else if (text[at] === '}') {
      depth -= 1
      if (depth === 0) return at
    }
  }
  return text.lastIndexOf('}')
}

function resolve(placeholder: Placeholder, scope: TemplateScope, offset: number, depth: number): string {
  if (depth > MOST_NESTED) throw new TemplateError('format', 'too many placeholders in one another', offset)
  const { name, operator, operand = '' } = placeholder
  const value = scope.lookup(name)
  scope.onUsed?.(name)
  const present = operator?.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
  const operandAt = offset + 2 + name.length + (operator?.length ?? 0)
  switch (operator) {
    case undefined:
      if (value === undefined) scope.onUnset?.(name, offset)
      return value ?? ''
    case ':-':
    case '-':
      return present ? (value ?? '') : evaluate(operand, scope, operandAt, depth + 1)
    case ':+':
    case '+':
      return present ? evaluate(operand, scope, operandAt, depth + 1) : (value ?? '')
    default:
      if (present) return value ?? ''
      throw new TemplateError('required', evaluate(operand, scope, operandAt, depth + 1), offset, name)
  }
}
